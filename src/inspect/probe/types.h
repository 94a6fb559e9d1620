/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_PROBE_TYPES_H
#define THPIN_INSPECT_PROBE_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "util/reason.h"

/* A driver, and what it is built on. */
#define TYPES_MODULES_MAX 8

/*
 * The types of a kernel, from its BTF (Documentation/bpf/btf.rst): so that offsets
 * are those of the kernel that runs, and no header is needed.
 */
struct types {
	struct btf_image *kernel;
	struct btf_image *modules[TYPES_MODULES_MAX]; /* of types_add_module() */
	char module_names[TYPES_MODULES_MAX][32];
	unsigned modules_count;

	/* The struct last found, as members of one are asked for in rows. */
	char found_name[64];
	const struct btf_image *found_in;
	uint32_t found; /* 0: none */
};

/* Where a member lies. */
struct member {
	uint32_t offset; /* bytes from the start of the struct that the path begins with */
	uint32_t size;   /* bytes */
};

/*
 * Read the BTF of the running kernel, or the raw BTF in file @path if not NULL.
 * About 3 ms. Returns 0 or -errno with a reason: -EOPNOTSUPP in a build
 * without libbpf, -ENOENT on a kernel without CONFIG_DEBUG_INFO_BTF.
 */
int types_open(struct types *types, const char *path, struct reason *why);
void types_close(struct types *types);

/*
 * Also search the BTF of module @name ("rdma_rxe"), after the kernel's and those
 * added before; again is no error. Returns 0 or -errno with a reason (-ENOENT:
 * not loaded, built into the kernel, or built without BTF).
 */
int types_add_module(struct types *types, const char *name, struct reason *why);

/* The same for the raw BTF in file @path, which is based on that of types_open(). */
int types_add_file(struct types *types, const char *name, const char *path, struct reason *why);

/*
 * The member that @path names: "file.f_op", "io_ring_ctx.buf_table.nodes",
 * "page[1].compound_order" (of the second of an array of struct page). Members
 * of anonymous structs and unions count as the outer one's, as in C. A path
 * follows no pointers, and ends at a bit field with -EINVAL, as it does where the
 * member is not inside the struct that the path begins with. Returns 0, -ENOENT
 * when this kernel has no such member, or -EINVAL.
 */
int types_member(struct types *types, const char *path, struct member *member);

/* Bytes of struct or union @name. Returns 0 or -ENOENT. */
int types_size(struct types *types, const char *name, uint32_t *size);

/* Value of constant @name of enum @type: ("pageflags", "PG_lru"). Returns 0 or -ENOENT. */
int types_enum(const struct types *types, const char *type, const char *name, int64_t *value);

/* BTF ID of function @name, positive, or -ENOENT. */
int types_function(const struct types *types, const char *name);

#endif
