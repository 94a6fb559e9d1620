/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_PROBE_BTF_H
#define THPIN_INSPECT_PROBE_BTF_H

#include <stdint.h>

struct btf_type;
struct btf_image;

/*
 * Types in BTF (Documentation/bpf/btf.rst), looked up where they lie. libbpf copies
 * them to memory of its own, page by page, and looks names up one by one: 13 to 27 ms
 * for the 130 000 types of a kernel, most of the time that a look at a small process
 * took. This is 3 ms. Nothing in the file is trusted.
 */

/*
 * The BTF in file @path; @base is what that of a module goes on from, or NULL, and
 * stays the caller's. Returns 0 and *@image, or -errno (-EINVAL: this is no BTF).
 */
int btf_image_open(struct btf_image **image, const char *path, const struct btf_image *base);
void btf_image_close(struct btf_image *image); /* NULL does nothing */

/* A type with all of its members inside the file, also of the base; NULL: none. */
const struct btf_type *btf_image_type(const struct btf_image *image, uint32_t id);

/* The name at an offset, "" for what has none; NULL: beyond the names. */
const char *btf_image_name(const struct btf_image *image, uint32_t offset);

/*
 * The first type @name of a kind (BTF_KIND_STRUCT, _UNION or _ENUM, fast;
 * BTF_KIND_FUNC, slow), the base's not. 0: there is none.
 */
uint32_t btf_image_find(const struct btf_image *image, const char *name, unsigned kind);

/* Bytes of a type, behind typedefs; -1 for what has no size. */
int64_t btf_image_size(const struct btf_image *image, uint32_t id);

#endif
