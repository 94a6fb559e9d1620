// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

void *library_load(const struct library *library, void *table, struct reason *why)
{
	void *loaded = dlopen(library->soname, RTLD_NOW);

	if (!loaded) {
		fail(why, ENOTSUP, "%s %s (%s)", library->wanted_by, library->soname,
		     library->packages);
		return NULL;
	}
	for (size_t i = 0; i < library->count; i++) {
		const struct library_call *call = &library->calls[i];
		void *function = dlsym(loaded, call->function);

		if (!function) {
			fail(why, ENOTSUP, "%s is too old: it has no %s()", library->soname,
			     call->function);
			dlclose(loaded);
			return NULL;
		}
		/* ISO C has no conversion between pointers to objects and to functions. */
		memcpy((char *)table + call->at, &function, sizeof(function));
	}
	return loaded;
}
