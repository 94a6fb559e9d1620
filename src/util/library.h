/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_UTIL_LIBRARY_H
#define THPIN_UTIL_LIBRARY_H

#include <stddef.h>

#include "util/reason.h"

/*
 * A shared library that few subcommands need, loaded only then: each one that thpin
 * were linked with lengthens every start, and every fork() of a case.
 */
struct library {
	const char *soname;
	const char *wanted_by; /* with the verb, "counters need" */
	const char *packages;  /* "Debian: libpfm4, Fedora: libpfm" */
	const struct library_call {
		const char *function;
		size_t at; /* bytes from the start of the table to its pointer */
	} * calls;
	size_t count;
};

/*
 * A row of library.calls: @table is the type of the table, @member that of function @name.
 * The comparison, which is not made, has the compiler say when their types differ.
 */
#define LIBRARY_CALL(table, member, name)                                                   \
	{                                                                                   \
		.function = #name,                                                          \
		.at = offsetof(table, member) + 0 * sizeof(((table *)0)->member == &(name)) \
	}

/*
 * Load @library and set the pointers of @table. Returns what dlclose(3) takes, or NULL
 * with the reason: it is not there, or lacks one of the functions.
 */
void *library_load(const struct library *library, void *table, struct reason *why);

#endif
