/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_RING_FILES_H
#define THPIN_INSPECT_RING_FILES_H

#include <stdbool.h>

#include "inspect/hidden.h"

/* What is needed to find the files of io_urings, which may have no descriptor. */
struct ring_files {
	bool known; /* false: none is found, as there is no io_uring, or none like these */
	bool nodes; /* the table has pointers to nodes, and not the files themselves */
	struct file_layout file;
	uint64_t f_op; /* of all rings */
	struct member table, count;
	struct member node_file; /* of a node */
};

/*
 * The file operations of all rings, from one of our own. Returns 0 or -errno with a
 * reason.
 */
int ring_operations(struct search *search, uint64_t *f_op, struct reason *why);

/* Learn what this kernel's rings look like. */
void ring_files_learn(struct ring_files *rings, struct search *search);

/*
 * If @file is an io_uring, show each file that is registered with it
 * (io_uring_register_files(3)), with a descriptor of -1 and the process that has the
 * ring. Returns 0 or what @each returned.
 */
int ring_files(const struct ring_files *rings, struct search *search, const struct probe_file *file,
	       probe_file_fn *each, void *context);

#endif
