/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_PROBE_SYMBOLS_H
#define THPIN_INSPECT_PROBE_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#include "util/reason.h"

/* A symbol of the kernel: one of the two is known, the other is to be found. */
struct symbol {
	char name[64];    /* "": to be found; a longer one is cut */
	uint64_t address; /* 0: to be found */
};

/*
 * Look up @count symbols in one pass over /proc/kallsyms, which takes 30 to 70
 * ms: better ask for several, and only when there is no other way. Data symbols
 * are there with CONFIG_KALLSYMS_ALL only, functions always. Those that are not
 * there stay as they are. Returns how many were found, or -errno with a reason:
 * -EPERM when addresses are hidden.
 */
int symbols_find(struct symbol *symbols, size_t count, struct reason *why);

/* The same in the text of a file of that format. */
int symbols_find_in(const char *path, struct symbol *symbols, size_t count, struct reason *why);

#endif
