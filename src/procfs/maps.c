// SPDX-License-Identifier: GPL-2.0-or-later
#include "procfs/maps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/io.h"

/* Two letters each (show_smap_vma_flags(), fs/proc/task_mmu.c). */
static const struct {
	char name[3];
	unsigned flag;
} flag_names[] = {
	{ "dc", VMA_DONTFORK }, { "wf", VMA_WIPEONFORK }, { "mg", VMA_MERGEABLE },
	{ "hg", VMA_HUGEPAGE }, { "nh", VMA_NOHUGEPAGE }, { "ht", VMA_HUGETLB },
	{ "lo", VMA_LOCKED },   { "io", VMA_NO_STRUCT },  { "pf", VMA_NO_STRUCT },
};

/* More VMAs than this would not fit; vm.max_map_count is 65530 by default. */
#define VMAS_MAX ((size_t)1 << 24)

static struct vma *add(struct vma_list *list)
{
	/* Doubled at each power of two. */
	if (!(list->count & (list->count - 1))) {
		size_t room = list->count ? list->count * 2 : 1;
		struct vma *more = room > VMAS_MAX ? NULL :
						     reallocarray(list->vmas, room, sizeof(*more));

		if (!more)
			return NULL;
		list->vmas = more;
	}
	return &list->vmas[list->count++];
}

static unsigned permissions(const char *text)
{
	return (text[0] == 'r' ? VMA_READ : 0) | (text[1] == 'w' ? VMA_WRITE : 0) |
	       (text[2] == 'x' ? VMA_EXECUTE : 0) | (text[3] == 's' ? VMA_SHARED : 0);
}

/* "start-end perms offset major:minor inode   name"; false: it is something else. */
static bool parse_vma(const char *line, struct vma *vma)
{
	char text[5];
	int used = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 "%n", &vma->start,
		   &vma->end, text, &vma->offset, &vma->device_major, &vma->device_minor,
		   &vma->inode, &used) != 7 ||
	    strlen(text) != 4)
		return false;
	vma->flags = permissions(text);
	vma->name = line + used + strspn(line + used, " ");
	return vma->start < vma->end;
}

static void parse_flags(const char *text, struct vma *vma)
{
	for (text += strspn(text, " "); text[0] && text[1]; text += strspn(text, " ")) {
		for (size_t i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++)
			if (!memcmp(text, flag_names[i].name, 2))
				vma->flags |= flag_names[i].flag;
		text += strcspn(text, " ");
	}
}

/* Keys of smaps begin with a capital, addresses with a hexadecimal digit in lower case. */
static bool is_field(const char *line)
{
	return line[0] >= 'A' && line[0] <= 'Z' && strchr(line, ':');
}

/*
 * What was told before is told again where a VMA grew between two read() calls: the
 * second goes on with the VMA that has the address at which the first one ended, from
 * where that begins by now (m_start(), fs/proc/task_mmu.c).
 */
static void cut_known(struct vma *vma, uint64_t end)
{
	if (vma->start >= end)
		return;
	if (vma->inode)
		vma->offset += end - vma->start;
	vma->start = end;
}

static int parse_line(const char *line, struct vma_list *list)
{
	struct vma vma, *last = list->count ? &list->vmas[list->count - 1] : NULL;

	if (is_field(line)) {
		if (!last)
			return -EINVAL;
		if (!strncmp(line, "VmFlags:", 8)) {
			list->flags_known = true;
			parse_flags(line + 8, last);
		}
		return 0;
	}
	if (!parse_vma(line, &vma) || (last && vma.end <= last->end))
		return -EINVAL;
	if (last)
		cut_known(&vma, last->end);
	last = add(list);
	if (!last)
		return -ENOMEM;
	*last = vma;
	return 0;
}

int maps_parse(char *text, struct vma_list *list)
{
	int err = 0;

	*list = (struct vma_list){ .text = text };
	for (char *line = text, *next; !err && *line; line = next) {
		size_t length = strcspn(line, "\n");

		/* The last line of a text that was cut. */
		if (!line[length])
			err = -EINVAL;
		next = line + length + !!line[length];
		line[length] = '\0';
		if (!err)
			err = parse_line(line, list);
	}
	if (err) {
		list->text = NULL;
		maps_free(list);
	}
	return err;
}

int maps_read(pid_t pid, bool flags, struct vma_list *list)
{
	const char *file = flags ? "smaps" : "maps";
	char path[48], *text;
	int err;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	else
		snprintf(path, sizeof(path), "/proc/self/%s", file);
	err = read_text(path, &text, NULL);
	if (err)
		return err;
	err = maps_parse(text, list);
	if (err)
		free(text);
	return err;
}

void maps_free(struct vma_list *list)
{
	free(list->vmas);
	free(list->text);
	*list = (struct vma_list){ .vmas = NULL };
}

size_t maps_first(const struct vma_list *list, uint64_t address)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->vmas[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const struct vma *maps_find(const struct vma_list *list, uint64_t address)
{
	size_t first = maps_first(list, address);

	return first < list->count && list->vmas[first].start <= address ? &list->vmas[first] :
									   NULL;
}

bool maps_overlap(const struct vma_list *list, uint64_t start, uint64_t end)
{
	size_t first = maps_first(list, start);

	return first < list->count && list->vmas[first].start < end;
}
