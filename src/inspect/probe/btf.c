// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/probe/btf.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "util/io.h"

/* Every so many types the offset of one is kept: the rest is a short walk. */
#define LANDMARK 32u

/* Typedefs of typedefs; arrays of arrays. */
#define DEPTH_MAX 32

struct btf_image {
	const struct btf_image *base;
	void *data; /* the file */
	size_t size;
	bool mapped; /* else allocated */

	const unsigned char *types;
	const char *names;
	uint32_t types_size, names_size;
	uint32_t first_id, end_id;   /* of its own types */
	uint32_t first_name;         /* offset of its own names: behind the base's */
	uint32_t *landmarks;         /* offsets */
	uint32_t *found, found_mask; /* hash table of IDs by name, 0: empty */
};

static unsigned kind_of(const struct btf_type *type)
{
	return BTF_INFO_KIND(type->info);
}

/* Bytes of a type with what follows it, 0: not known. */
static size_t record_size(const struct btf_type *type)
{
	size_t members = BTF_INFO_VLEN(type->info), size = sizeof(*type);

	switch (kind_of(type)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return size;
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return size + 4;
	case BTF_KIND_ARRAY:
		return size + sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return size + members * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return size + members * sizeof(struct btf_enum);
	case BTF_KIND_FUNC_PROTO:
		return size + members * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return size + members * sizeof(struct btf_var_secinfo);
	case 19: /* BTF_KIND_ENUM64, 6.0: three numbers each */
		return size + members * 12;
	default:
		return 0;
	}
}

/* --- reading ------------------------------------------------------------------ */

/*
 * The kernel's own copy since 6.16 (a539e2a6d51d), which does not change; else one
 * of ours.
 */
static int load(struct btf_image *image, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *data = MAP_FAILED;
	struct statfs system;
	struct stat status;
	char *text;
	int err;

	if (fd < 0)
		return -errno;
	if (!fstatfs(fd, &system) && system.f_type == SYSFS_MAGIC && !fstat(fd, &status) &&
	    status.st_size > 0) {
		image->size = (size_t)status.st_size;
		data = mmap(NULL, image->size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	close(fd);
	if (data != MAP_FAILED) {
		image->mapped = true;
		image->data = data;
		return 0;
	}
	err = read_text(path, &text, &image->size);
	image->data = err ? NULL : text;
	return err;
}

/* Where types and names are; include/uapi/linux/btf.h has the header. */
static int find_sections(struct btf_image *image)
{
	const unsigned char *data = image->data;
	struct btf_header header;
	size_t room;

	if (image->size < sizeof(header))
		return -EINVAL;
	memcpy(&header, data, sizeof(header));
	if (header.magic != BTF_MAGIC || header.version != BTF_VERSION ||
	    header.hdr_len < sizeof(header) || header.hdr_len > image->size || header.hdr_len % 4 ||
	    header.type_off % 4)
		return -EINVAL;
	room = image->size - header.hdr_len;
	if (header.type_off > room || header.type_len > room - header.type_off ||
	    header.str_off > room || header.str_len > room - header.str_off)
		return -EINVAL;
	image->types = data + header.hdr_len + header.type_off;
	image->types_size = header.type_len;
	image->names = (const char *)data + header.hdr_len + header.str_off;
	image->names_size = header.str_len;
	/* So that no name runs over the end. */
	if (image->names_size && image->names[image->names_size - 1])
		return -EINVAL;
	if (!image->base)
		return image->names_size && !image->names[0] ? 0 : -EINVAL;
	image->first_name = image->base->first_name + image->base->names_size;
	return image->first_name > UINT32_MAX - image->names_size ? -EINVAL : 0;
}

static const struct btf_type *type_at(const struct btf_image *image, uint32_t offset)
{
	return (const struct btf_type *)(const void *)(image->types + offset);
}

static bool is_indexed(const struct btf_type *type)
{
	unsigned kind = kind_of(type);

	return type->name_off &&
	       (kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION || kind == BTF_KIND_ENUM);
}

/* Counts the types and checks that each is whole; *@named: how many are indexed. */
static int count_types(struct btf_image *image, uint32_t *named)
{
	uint32_t count = 0, offset = 0;

	*named = 0;
	while (image->types_size - offset >= sizeof(struct btf_type)) {
		const struct btf_type *type = type_at(image, offset);
		size_t size = record_size(type);

		if (!size || size > image->types_size - offset)
			return -EINVAL;
		*named += is_indexed(type);
		offset += (uint32_t)size;
		count++;
	}
	image->first_id = image->base ? image->base->end_id : 1;
	image->end_id = image->first_id + count;
	return offset == image->types_size ? 0 : -EINVAL;
}

/* FNV-1a */
static uint32_t hash(const char *name)
{
	uint32_t value = 2166136261u;

	for (; *name; name++)
		value = (value ^ (unsigned char)*name) * 16777619u;
	return value;
}

static int make_index(struct btf_image *image)
{
	uint32_t named, slots = 64, offset = 0;
	int err = count_types(image, &named);

	if (err)
		return err;
	while (slots < 2 * named)
		slots *= 2;
	image->found_mask = slots - 1;
	image->found = calloc(slots, sizeof(*image->found));
	image->landmarks = calloc((image->end_id - image->first_id) / LANDMARK + 1,
				  sizeof(*image->landmarks));
	if (!image->found || !image->landmarks)
		return -ENOMEM;
	for (uint32_t id = image->first_id; id < image->end_id; id++) {
		const struct btf_type *type = type_at(image, offset);
		const char *name = is_indexed(type) ? btf_image_name(image, type->name_off) : NULL;

		if (!((id - image->first_id) % LANDMARK))
			image->landmarks[(id - image->first_id) / LANDMARK] = offset;
		offset += (uint32_t)record_size(type);
		if (name) {
			uint32_t slot = hash(name);

			while (image->found[slot & image->found_mask])
				slot++;
			image->found[slot & image->found_mask] = id;
		}
	}
	return 0;
}

int btf_image_open(struct btf_image **image, const char *path, const struct btf_image *base)
{
	struct btf_image *made = calloc(1, sizeof(*made));
	int err;

	*image = NULL;
	if (!made)
		return -ENOMEM;
	made->base = base;
	err = load(made, path);
	if (!err)
		err = find_sections(made);
	if (!err)
		err = make_index(made);
	if (err)
		btf_image_close(made);
	else
		*image = made;
	return err;
}

void btf_image_close(struct btf_image *image)
{
	if (!image)
		return;
	free(image->landmarks);
	free(image->found);
	if (image->mapped)
		munmap(image->data, image->size);
	else
		free(image->data);
	free(image);
}

/* --- looking up --------------------------------------------------------------- */

const struct btf_type *btf_image_type(const struct btf_image *image, uint32_t id)
{
	uint32_t offset, at;

	while (image && id < image->first_id)
		image = image->base;
	if (!image || id >= image->end_id)
		return NULL;
	at = id - image->first_id;
	offset = image->landmarks[at / LANDMARK];
	for (at %= LANDMARK; at; at--)
		offset += (uint32_t)record_size(type_at(image, offset));
	return type_at(image, offset);
}

const char *btf_image_name(const struct btf_image *image, uint32_t offset)
{
	while (image->base && offset < image->first_name)
		image = image->base;
	return offset - image->first_name < image->names_size ?
		       image->names + (offset - image->first_name) :
		       NULL;
}

static bool is_called(const struct btf_image *image, const struct btf_type *type, const char *name,
		      unsigned kind)
{
	const char *called = kind_of(type) == kind ? btf_image_name(image, type->name_off) : NULL;

	return called && !strcmp(called, name);
}

uint32_t btf_image_find(const struct btf_image *image, const char *name, unsigned kind)
{
	uint32_t offset = 0, id;

	if (kind != BTF_KIND_FUNC) {
		for (uint32_t slot = hash(name); (id = image->found[slot & image->found_mask]);
		     slot++)
			if (is_called(image, btf_image_type(image, id), name, kind))
				return id;
		return 0;
	}
	for (id = image->first_id; id < image->end_id; id++) {
		const struct btf_type *type = type_at(image, offset);

		if (is_called(image, type, name, kind))
			return id;
		offset += (uint32_t)record_size(type);
	}
	return 0;
}

int64_t btf_image_size(const struct btf_image *image, uint32_t id)
{
	uint64_t elements = 1;

	for (unsigned depth = 0; depth < DEPTH_MAX; depth++) {
		const struct btf_type *type = btf_image_type(image, id);
		struct btf_array array;
		uint64_t size;

		if (!type)
			return -1;
		switch (kind_of(type)) {
		case BTF_KIND_PTR:
			size = sizeof(void *);
			break;
		case BTF_KIND_INT:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case BTF_KIND_FLOAT:
		case 19: /* BTF_KIND_ENUM64 */
			size = type->size;
			break;
		case BTF_KIND_ARRAY:
			memcpy(&array, type + 1, sizeof(array));
			/* No more than fits in an unsigned number of 32 bits in all. */
			if (array.nelems && elements > UINT32_MAX / array.nelems)
				return -1;
			elements *= array.nelems;
			id = array.type;
			continue;
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			id = type->type;
			continue;
		default:
			return -1;
		}
		return size * elements > UINT32_MAX ? -1 : (int64_t)(size * elements);
	}
	return -1;
}
