/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PINS_NAMESPACE_H
#define THPIN_PINS_NAMESPACE_H

#include "util/reason.h"

struct host;

/*
 * Namespaces of the worker's own, which end with it. Without CAP_SYS_ADMIN they come
 * with a user namespace in which the worker is who it was and has all rights.
 */

/* Enter new ones: @flags is CLONE_NEWNS or CLONE_NEWNET, @purpose ends "to ...". */
int namespace_enter(int flags, const char *purpose, const struct host *host, struct reason *why);

/* A network namespace of our own with the loopback up. Returns 0 or -errno. */
int network_enter(const struct host *host, struct reason *why);

/* The same, unless the loopback is up where we are. */
int network_loopback(const struct host *host, struct reason *why);

#endif
