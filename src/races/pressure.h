/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_RACES_PRESSURE_H
#define THPIN_RACES_PRESSURE_H

#include "races/races.h"

/* 0 when a cgroup and swap can be had, else -errno with a reason. */
int pressure_probe(const struct host *host, struct reason *why);

/* The worker gets a cgroup of its own, and swap; for before_memory. */
int pressure_prepare(struct race *race, struct reason *why);

#endif
