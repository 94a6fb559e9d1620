/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_LRU_H
#define THPIN_HOST_LRU_H

/*
 * Have each CPU put the pages on their LRU lists that it keeps in a batch
 * (lru_add_drain_all(), mm/swap.c). Those have one more reference, and are on no list
 * that they could be reclaimed from. Moves a page of the caller's, to where it is
 * already; nothing of anybody else. Without NUMA (CONFIG_NUMA) it does nothing.
 */
void lru_drain(void);

#endif
