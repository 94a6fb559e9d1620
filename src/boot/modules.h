/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_BOOT_MODULES_H
#define THPIN_BOOT_MODULES_H

#include <stddef.h>

#include "util/reason.h"

/* Kernel modules in the order in which they load. */
struct module_list {
	char **path; /* of the files; the list and its strings are owned */
	size_t count;
};

/*
 * Find the modules @names (blank-separated; '-' and '_' are alike) and those
 * that they depend on below @directory. What is not there is left out: it may
 * be built in, and thpin says in the guest what it misses. Dependencies come
 * from the modules themselves, so no modules.dep is needed. Returns 0 or
 * -errno.
 */
int modules_find(const char *directory, const char *names, struct module_list *list,
		 struct reason *why);
void modules_free(struct module_list *list);

#endif
