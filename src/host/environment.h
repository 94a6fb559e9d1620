/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_ENVIRONMENT_H
#define THPIN_HOST_ENVIRONMENT_H

/*
 * What a bug report says of a machine beside the facts of struct host, in words.
 * Nothing in it names the machine or a user.
 */
enum environment_item {
	ENVIRONMENT_DISTRIBUTION,
	ENVIRONMENT_COMPILER, /* that the kernel was built with */
	ENVIRONMENT_TAINT,
	ENVIRONMENT_COMMAND_LINE, /* options of it that matter to memory */
	ENVIRONMENT_THP,
	ENVIRONMENT_MTHP,
	ENVIRONMENT_KHUGEPAGED,
	ENVIRONMENT_KSM,
	ENVIRONMENT_SWAP,
	ENVIRONMENT_NUMA_BALANCING,
	ENVIRONMENT_HUGETLB,
	ENVIRONMENT_LOCKDOWN,
	ENVIRONMENT_CPU,
	ENVIRONMENT_LIBRARIES,
	ENVIRONMENT_CONFIG, /* lines of the kernel's configuration, or why there are none */
	ENVIRONMENT_COUNT,
};

#define ENVIRONMENT_TEXT 640

struct environment {
	char text[ENVIRONMENT_COUNT][ENVIRONMENT_TEXT]; /* empty: this kernel has no such thing */
};

struct host;

/* Read what is there; what cannot be read says so. */
void environment_probe(struct environment *environment, const struct host *host);

const char *environment_name(enum environment_item item);  /* "numa_balancing", of the JSON */
const char *environment_title(enum environment_item item); /* "NUMA balancing", for people */

/* "12288 (O: out-of-tree module, E: unsigned module)" of /proc/sys/kernel/tainted. */
void taint_text(unsigned long long taint, char *text, unsigned size);

/* The compiler and linker of a line such as /proc/version; not who built it, and where. */
void compiler_text(const char *version, char *text, unsigned size);

/* Those options of a kernel command line that matter to memory. */
void command_line_text(const char *line, char *text, unsigned size);

#endif
