// SPDX-License-Identifier: GPL-2.0-or-later
#include "procfs/vmstat.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/io.h"

/* The names of mm/vmstat.c; nr_foll_pin_* came with 5.7 (1970dc6f5226). */
#define NAME(text)                     \
	{                              \
		text, sizeof(text) - 1 \
	}
static const struct {
	const char *text;
	size_t length;
} names[VMSTAT_COUNT] = {
	[VMSTAT_FOLL_PIN_ACQUIRED] = NAME("nr_foll_pin_acquired"),
	[VMSTAT_FOLL_PIN_RELEASED] = NAME("nr_foll_pin_released"),
	[VMSTAT_THP_FAULT_ALLOC] = NAME("thp_fault_alloc"),
	[VMSTAT_THP_SPLIT_PMD] = NAME("thp_split_pmd"),
	[VMSTAT_THP_SPLIT_PAGE] = NAME("thp_split_page"),
	[VMSTAT_THP_SPLIT_PAGE_FAILED] = NAME("thp_split_page_failed"),
	[VMSTAT_THP_COLLAPSE_ALLOC] = NAME("thp_collapse_alloc"),
	[VMSTAT_PSWPOUT] = NAME("pswpout"),
	[VMSTAT_PSWPIN] = NAME("pswpin"),
	[VMSTAT_PGMIGRATE_SUCCESS] = NAME("pgmigrate_success"),
	[VMSTAT_PGMIGRATE_FAIL] = NAME("pgmigrate_fail"),
};

const char *vmstat_name(enum vmstat_item item)
{
	return names[item].text;
}

/* The value of a counter, -1 when the rest of its line is not one number. */
static int64_t counter(const char *text)
{
	unsigned long long value;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -1;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || value > INT64_MAX || (*end && *end != '\n'))
		return -1;
	return (int64_t)value;
}

void vmstat_parse(const char *text, struct vmstat_sample *sample)
{
	for (int i = 0; i < VMSTAT_COUNT; i++)
		sample->value[i] = -1;

	while (*text) {
		const char *end = strchrnul(text, '\n');
		const char *blank = memchr(text, ' ', (size_t)(end - text));

		for (int i = 0; blank && i < VMSTAT_COUNT; i++) {
			if ((size_t)(blank - text) != names[i].length ||
			    memcmp(text, names[i].text, names[i].length) != 0)
				continue;
			sample->value[i] = counter(blank + 1);
			break;
		}
		text = *end ? end + 1 : end;
	}
}

int vmstat_open(struct vmstat *vmstat)
{
	vmstat->refresh = open("/proc/sys/vm/stat_refresh", O_WRONLY | O_CLOEXEC);
	vmstat->counters = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
	return vmstat->counters < 0 ? -errno : 0;
}

void vmstat_close(struct vmstat *vmstat)
{
	close_fd(&vmstat->refresh);
	close_fd(&vmstat->counters);
}

int vmstat_read(const struct vmstat *vmstat, struct vmstat_sample *sample)
{
	char *text = NULL;
	int err = -EBADF;

	if (vmstat->counters >= 0)
		err = lseek(vmstat->counters, 0, SEEK_SET) ?
			      -errno :
			      read_text_fd(vmstat->counters, &text, NULL);
	vmstat_parse(text ? text : "", sample);
	free(text);
	return err;
}

int vmstat_read_folded(const struct vmstat *vmstat, struct vmstat_sample *sample)
{
	/*
	 * Before 5.13 the write fails with EINVAL when some counter, of whatever
	 * kind, is below zero, but only after it has folded all of them ("mm: no
	 * more EINVAL from /proc/sys/vm/stat_refresh").
	 */
	int folded = vmstat->refresh < 0 ? -EBADF : pwrite_all(vmstat->refresh, "1", 1, 0);
	int err = vmstat_read(vmstat, sample);

	return err ? err : folded && folded != -EINVAL;
}

void vmstat_delta(const struct vmstat_sample *before, const struct vmstat_sample *after,
		  struct vmstat_sample *delta)
{
	for (int i = 0; i < VMSTAT_COUNT; i++) {
		int64_t was = before->value[i], is = after->value[i];

		/*
		 * Pin counts are sums over nodes that can read too low while other
		 * CPUs hold batches: less than before is not a count either.
		 */
		delta->value[i] = was < 0 || is < was ? -1 : is - was;
	}
}
