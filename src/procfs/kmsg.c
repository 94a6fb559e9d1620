// SPDX-License-Identifier: GPL-2.0-or-later
#include "procfs/kmsg.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The longest record that any kernel shows (CONSOLE_EXT_LOG_MAX). */
#define RECORD_MAX 8192

/* More than the log holds: a kernel that logs without end ends the reading. */
#define RECORDS_MAX 100000

int kmsg_open(void)
{
	int fd, err;

	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (lseek(fd, 0, SEEK_END) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* The text of a record of the kernel's own, NULL for any other record. */
static const char *kernel_text(const char *record)
{
	unsigned priority = 0;

	/*
	 * "PRIORITY,SEQUENCE,TIME,FLAGS[,...];TEXT". The facility is above the
	 * lowest three bits of the priority; user space can log too, but not
	 * with facility 0. Lines of properties start with a blank.
	 */
	if (!isdigit((unsigned char)*record))
		return NULL;
	for (; isdigit((unsigned char)*record); record++) {
		priority = priority * 10 + (unsigned)(*record - '0');
		if (priority > 7)
			return NULL;
	}
	if (*record != ',')
		return NULL;
	record += strcspn(record, ";\n");
	return *record == ';' ? record + 1 : NULL;
}

/* How the first line of a complaint begins. */
static const char *const complaints[] = {
	"WARNING: ", /* kernel/panic.c __warn(), lockdep, suspicious RCU */
	"BUG: ",     /* page faults, bad pages, KASAN, KCSAN, lockdep */
	"UBSAN: ",
	"watchdog: BUG: ",
	"kernel BUG at ", /* lib/bug.c */
	"Kernel BUG at ", /* the same without CONFIG_DEBUG_BUGVERBOSE */
	"Oops: ",
	"Oops - ",          /* arm */
	"Internal error: ", /* arm, arm64 */
	"Unable to handle kernel ",
	"general protection fault",
	"Kernel panic - ",
	"INFO: task ", /* kernel/hung_task.c */
	"INFO: rcu_",
	"rcu: INFO: ",     /* kernel/rcu/tree_stall.h */
	"INFO: possible ", /* kernel/locking/lockdep.c */
};

bool kmsg_is_warning(const char *record)
{
	const char *text = kernel_text(record);

	if (!text)
		return false;
	/*
	 * Only at the start: kernel messages quote names that users chose. The
	 * ruler "cut here" is not counted, what it announces follows it.
	 */
	for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++) {
		if (!strncmp(text, complaints[i], strlen(complaints[i])))
			return true;
	}
	return false;
}

int kmsg_warnings(int fd, char *first, size_t size)
{
	char record[RECORD_MAX + 1];
	int count = 0;

	for (int i = 0; i < RECORDS_MAX; i++) {
		ssize_t n = read(fd, record, RECORD_MAX);

		if (n < 0) {
			if (errno == EAGAIN)
				break;
			/*
			 * EPIPE: records were overwritten before they were read;
			 * EINVAL: one was too long. Both go on with the next.
			 */
			if (errno == EINTR || errno == EPIPE || errno == EINVAL)
				continue;
			return -errno;
		}
		if (n == 0)
			break;
		record[n] = '\0';
		if (!kmsg_is_warning(record))
			continue;
		if (count++ == 0 && size) {
			const char *text = kernel_text(record);

			snprintf(first, size, "%.*s", (int)strcspn(text, "\n"), text);
		}
	}
	return count;
}
