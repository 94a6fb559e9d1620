/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_HIDDEN_H
#define THPIN_INSPECT_HIDDEN_H

#include "inspect/holders.h"

/* Where a struct file has what struct probe_file tells. */
struct file_layout {
	struct member f_op, private_data, inode;
};

/* Returns 0 or -ENOENT: it is like none that is known. */
int file_layout_learn(struct file_layout *layout, struct types *types);

/* Fill in @file, of which ->file is known. Returns 0 or -errno. */
int file_read(const struct file_layout *layout, struct probe *probe, struct probe_file *file);

/*
 * Files of the target that no descriptor has any more, or may have: those that it has
 * mapped, if they are of a kind that holds memory, and rings that its threads have
 * registered (IORING_REGISTER_RING_FDS, 5.18). Each has a descriptor of -1; one may
 * come several times. Returns 0, -errno with a reason, or what @each returned.
 */
int hidden_files(struct search *search, probe_file_fn *each, void *context, struct reason *why);

/* True for the name of a VMA of such a file. */
bool hidden_name(const char *name);

#endif
