/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_SYMBOLS_H
#define THPIN_HOST_SYMBOLS_H

#include <stdbool.h>

/*
 * True when the kernel, or a module that is loaded, has a function @name: the one
 * trace that some things leave which are built in. False also when it cannot be
 * told (/proc/kallsyms).
 */
bool kernel_has_function(const char *name);

#endif
