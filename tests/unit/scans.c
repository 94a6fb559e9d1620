// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether a daemon that is waited for has come round in time. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "races/control.h"
#include "tap.h"
#include "util/io.h"

static const uint64_t minute = UINT64_C(60000000000);

/* As often as asked, and no more. */
static void scan(const char *path, unsigned first, unsigned times)
{
	for (unsigned i = 0; i <= times; i++) {
		FILE *file = fopen(path, "r+");

		if (!file)
			_exit(1);
		fprintf(file, "%u\n", first + i);
		fclose(file);
		usleep(20000);
	}
	_exit(0);
}

/* Whether that many scans have been, of a daemon that does @does of them. */
static bool scans(const char *path, unsigned does, uint64_t wanted, uint64_t patience)
{
	pid_t daemon;
	bool scanned;

	if (write_text(path, "8\n"))
		bail_out("cannot write to %s", path);
	daemon = fork();
	if (!daemon)
		scan(path, 8, does);
	scanned = wait_for_scans(path, wanted, clock_ns() + patience);
	waitpid(daemon, NULL, 0);
	return scanned;
}

int main(void)
{
	char path[] = "/tmp/thpin-scans.XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0)
		bail_out("no file in /tmp");
	close(fd);
	ok(scans(path, 3, 2, minute), "as many scans as wanted, and more");
	ok(!scans(path, 1, 3, minute / 600), "fewer scans than wanted, in time");
	ok(!scans(path, 0, 1, 0), "no scan, and no time");
	ok(scans(path, 0, 0, 0), "none is wanted");
	unlink(path);
	ok(!wait_for_scans(path, 1, clock_ns()), "a counter that is not there");
	return done_testing();
}
