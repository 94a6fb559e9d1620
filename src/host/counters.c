// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/counters.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/event_names.h"
#include "util/io.h"

/* Of libpfm's own "perf" PMU, so that no model-specific event is taken. */
/* clang-format off */
const char *const counters_default[] = {
	"perf::page-faults",
	"perf::minor-faults",
	"perf::dTLB-load-misses",
	"perf::dTLB-store-misses",
	"perf::instructions",
	NULL,
};
/* clang-format on */

static int open_event(struct perf_event_attr *attr)
{
	/* This process and what inherits from it, on any CPU. */
	int fd = (int)syscall(SYS_perf_event_open, attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Whether there is a PMU at all: cycles are the one event that each has. */
static bool has_pmu(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_HW_CPU_CYCLES,
		.disabled = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};
	int fd = open_event(&attr);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || (fd != -ENOENT && fd != -ENODEV && fd != -EOPNOTSUPP);
}

static int paranoia(void)
{
	char *text;
	int level;

	if (read_text("/proc/sys/kernel/perf_event_paranoid", &text, NULL))
		return 0;
	level = atoi(text);
	free(text);
	return level;
}

/* Why @name cannot be counted, from the error of perf_event_open(2). */
static void explain(struct reason *why, const char *name, const struct perf_event_attr *attr,
		    int err)
{
	bool hardware = attr->type != PERF_TYPE_SOFTWARE && attr->type != PERF_TYPE_TRACEPOINT;

	if (err == ENOSYS)
		fail(why, err, "this kernel has no perf events (CONFIG_PERF_EVENTS)");
	else if (err == EACCES || err == EPERM)
		fail(why, err, "perf_event_open(%s): %s; kernel.perf_event_paranoid is %d", name,
		     strerror(err), paranoia());
	else if (hardware && !has_pmu())
		fail_errno(why, err, "no PMU: perf_event_open(%s)", name);
	else
		fail_errno(why, err, "perf_event_open(%s)", name);
}

static void open_counter(struct counters *counters, unsigned i, const char *name,
			 struct perf_event_attr *attr)
{
	int fd = open_event(attr);

	/*
	 * perf_event_paranoid above 1 keeps the kernel's part from those without
	 * CAP_PERFMON (Documentation/admin-guide/perf-security.rst). An event
	 * asked for in the kernel only ("...:k") would count nothing then.
	 */
	if ((fd == -EACCES || fd == -EPERM) && !attr->exclude_kernel && !attr->exclude_user) {
		attr->exclude_kernel = 1;
		fd = open_event(attr);
		counters->user_only[i] = fd >= 0;
	}
	counters->fd[i] = fd >= 0 ? fd : -1;
	if (fd < 0)
		explain(&counters->reason[i], name, attr, -fd);
}

int counters_open(struct counters *counters, const char *const *names, struct reason *why)
{
	struct perf_event_attr attrs[COUNTERS_MAX];
	int count;

	memset(counters, 0, sizeof(*counters));
	count = event_names_encode(names, attrs, COUNTERS_MAX, why);
	if (count < 0)
		return count;
	counters->count = (unsigned)count;
	for (unsigned i = 0; i < counters->count; i++) {
		attrs[i].disabled = 1;
		attrs[i].inherit = 1;
		attrs[i].read_format = PERF_FORMAT_TOTAL_TIME_ENABLED |
				       PERF_FORMAT_TOTAL_TIME_RUNNING;
		open_counter(counters, i, names[i], &attrs[i]);
	}
	/* Together and last, so that opening them is not counted. */
	for (unsigned i = 0; i < counters->count; i++) {
		if (counters->fd[i] >= 0)
			ioctl(counters->fd[i], PERF_EVENT_IOC_ENABLE, 0);
	}
	return 0;
}

static int read_counter(int fd, int64_t *value, struct reason *why)
{
	struct {
		uint64_t value, enabled, running;
	} data;
	int err;

	err = read_all(fd, &data, sizeof(data));
	if (err)
		return err;
	if (!data.running) {
		fail(why, EBUSY, "other events had the PMU all the time");
		return 0;
	}
	if (data.running < data.enabled)
		data.value = (uint64_t)((double)data.value * (double)data.enabled /
					(double)data.running);
	if (data.value <= INT64_MAX)
		*value = (int64_t)data.value;
	return 0;
}

int counters_read(struct counters *counters, int64_t *values)
{
	for (unsigned i = 0; i < counters->count; i++) {
		int err;

		values[i] = -1;
		if (counters->fd[i] < 0)
			continue;
		err = read_counter(counters->fd[i], &values[i], &counters->reason[i]);
		if (err)
			return err;
	}
	return 0;
}

void counters_close(struct counters *counters)
{
	for (unsigned i = 0; i < counters->count; i++)
		close_fd(&counters->fd[i]);
	counters->count = 0;
}
