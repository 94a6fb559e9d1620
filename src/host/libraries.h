/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_LIBRARIES_H
#define THPIN_HOST_LIBRARIES_H

#include <stddef.h>

/* A library that thpin uses, or could. */
struct library {
	const char *name;
	const char *version; /* it was built with; "" when not known */
	const char *missing; /* why it was built without, NULL: it is there */
};

extern const struct library library_list[];
extern const size_t library_list_count;

#endif
