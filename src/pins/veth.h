/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PINS_VETH_H
#define THPIN_PINS_VETH_H

#include "util/reason.h"

/* Largest frame without its header, bytes: more than a page. */
#define VETH_MTU 9000

/*
 * Make a pair of virtual Ethernet devices in this network namespace, which has to be
 * one of our own; both are up and have one queue. It ends with the namespace. Stores
 * their indices. Returns 0, -ENOTSUP without CONFIG_VETH, or -errno.
 */
int veth_create(unsigned *near, unsigned *far, struct reason *why);

#endif
