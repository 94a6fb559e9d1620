// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory that is shared with what a process forks, and the file that it is of. */
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "util/shared.h"

#define SIZE ((size_t)2 << 20)

static void of_file(size_t skew)
{
	struct shared shared;
	char byte = 'f';
	pid_t child;

	if (!is_int(shared_make(&shared, SIZE, skew), 0, "made, %zu bytes into the file", skew))
		return;
	is_int(shared.at, (int64_t)skew, "where it is in the file");
	is_int((uintptr_t)shared.data % (uintptr_t)sysconf(_SC_PAGESIZE), 0, "whole pages");
	is_int(lseek(shared.fd, 0, SEEK_END), (int64_t)(skew + SIZE), "the file ends with it");
	ok(pwrite(shared.fd, &byte, 1, shared.at) == 1 && shared.data[0] == 'f',
	   "what is written to the file is in memory");
	child = fork();
	if (!child) {
		shared.data[SIZE - 1] = 'c';
		_exit(0);
	}
	waitpid(child, NULL, 0);
	is_int(shared.data[SIZE - 1], 'c', "what a child stores is seen");
	ok(pread(shared.fd, &byte, 1, shared.at + (off_t)SIZE - 1) == 1 && byte == 'c',
	   "and is in the file");
	shared_drop(&shared);
	ok(!shared.data && shared.fd == -1, "nothing is left of it");
}

int main(void)
{
	struct shared never = { .fd = -1 };

	of_file(0);
	of_file((size_t)128 << 10);
	shared_drop(&never);
	ok(!never.data, "what was never made can be dropped");
	return done_testing();
}
