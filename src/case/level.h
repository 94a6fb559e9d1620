/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_CASE_LEVEL_H
#define THPIN_CASE_LEVEL_H

/*
 * How much has to be asked for before a pin, a kind of memory or a race is used;
 * a case needs the highest of its three.
 */
enum level {
	LEVEL_DEFAULT,     /* always */
	LEVEL_SELECTED,    /* with --all, or when anything is selected that fits it */
	LEVEL_STATISTICAL, /* takes seconds: with --all, or named without wildcards */
	LEVEL_NAMED,       /* harms the machine: only named without wildcards */
};

const char *level_name(enum level level); /* "default", "selected" ... */

#endif
