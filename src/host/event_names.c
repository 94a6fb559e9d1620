// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/event_names.h"

#include "config.h"

#if HAVE_LIBPFM

#include <dlfcn.h>
#include <linux/perf_event.h>
#include <perfmon/pfmlib_perf_event.h>
#include <stdbool.h>
#include <string.h>

#include "util/library.h"

struct pfm_calls {
	__typeof__(&pfm_initialize) initialize;
	__typeof__(&pfm_terminate) terminate;
	__typeof__(&pfm_get_os_event_encoding) encode;
	__typeof__(&pfm_strerror) error;
};

#define CALL(member, function) LIBRARY_CALL(struct pfm_calls, member, function)

static const struct library_call calls_wanted[] = {
	CALL(initialize, pfm_initialize),
	CALL(terminate, pfm_terminate),
	CALL(encode, pfm_get_os_event_encoding),
	CALL(error, pfm_strerror),
};

static const struct library libpfm = {
	.soname = LIBPFM,
	.wanted_by = "counters need",
	.packages = "Debian: libpfm4, Fedora: libpfm",
	.calls = calls_wanted,
	.count = sizeof(calls_wanted) / sizeof(calls_wanted[0]),
};

static int encode(const struct pfm_calls *calls, const char *name, struct perf_event_attr *attr,
		  struct reason *why)
{
	pfm_perf_encode_arg_t arg = { .attr = attr, .size = sizeof(arg) };
	int err;

	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	err = calls->encode(name, PFM_PLM0 | PFM_PLM3, PFM_OS_PERF_EVENT, &arg);
	return err == PFM_SUCCESS ? 0 :
				    fail(why, EINVAL, "counter %s: %s", name, calls->error(err));
}

static int encode_all(const struct pfm_calls *calls, const char *const *names,
		      struct perf_event_attr *attrs, unsigned room, struct reason *why)
{
	unsigned count = 0;
	int err = 0;

	for (; !err && names[count]; count++) {
		if (count == room)
			return fail(why, EINVAL, "more than %u counters", room);
		err = encode(calls, names[count], &attrs[count], why);
	}
	return err ? err : (int)count;
}

int event_names_encode(const char *const *names, struct perf_event_attr *attrs, unsigned room,
		       struct reason *why)
{
	struct pfm_calls calls;
	void *loaded = library_load(&libpfm, &calls, why);
	int err;

	if (!loaded)
		return -ENOTSUP;
	err = calls.initialize();
	if (err == PFM_SUCCESS) {
		err = encode_all(&calls, names, attrs, room, why);
		calls.terminate();
	} else {
		err = fail(why, ENOTSUP, "libpfm: %s", calls.error(err));
	}
	dlclose(loaded);
	return err;
}

#else

int event_names_encode(const char *const *names, struct perf_event_attr *attrs, unsigned room,
		       struct reason *why)
{
	(void)names;
	(void)attrs;
	(void)room;
	return fail(why, ENOTSUP, "%s", LIBPFM_REASON);
}

#endif
