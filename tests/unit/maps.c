// SPDX-License-Identifier: GPL-2.0-or-later
/* maps: smaps texts recorded from three kernels (see smaps.c), and made-up ones. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "procfs/maps.h"
#include "tap.h"

#define THP 0x40000000u
#define SWAPPED 0x60000000u
#define NAMED 0x70000000u

static void recorded(const char *name)
{
	char *text = data(name);
	struct vma_list list;
	const struct vma *vma;

	is_int(maps_parse(text, &list), 0, "%s: parsed", name);
	is_int((int64_t)list.count, 10, "%s: all VMAs", name);
	ok(list.flags_known, "%s: flags are known", name);
	vma = maps_find(&list, THP + 4096);
	ok(vma && vma->start == THP && vma->end - vma->start == 4 << 20, "%s: found by address",
	   name);
	ok(vma && vma->flags & VMA_HUGEPAGE, "%s: hg", name);
	is_int(vma ? (int64_t)vma->inode : -1, 0, "%s: anonymous", name);
	vma = maps_find(&list, SWAPPED);
	ok(vma && !(vma->flags & VMA_HUGEPAGE), "%s: no hg", name);
	vma = maps_find(&list, NAMED);
	ok(vma && strchr(vma->name, '/') && vma->inode, "%s: a file has a name", name);
	ok(!maps_find(&list, 0), "%s: nothing at 0", name);
	ok(!maps_find(&list, UINT64_MAX), "%s: nothing at the end", name);
	maps_free(&list);
}

static int parse(const char *text, struct vma_list *list)
{
	char *copy = strdup(text);
	int err = maps_parse(copy, list);

	if (err)
		free(copy);
	return err;
}

#define LINE(range) range " rw-p 00000000 00:00 0 \n"

static void made_up(void)
{
	struct vma_list list;

	is_int(parse("", &list), 0, "no memory at all");
	is_int((int64_t)list.count, 0, "... has no VMAs");
	ok(!maps_find(&list, 4096), "... and nothing is found");
	maps_free(&list);

	is_int(parse(LINE("1000-2000") LINE("2000-3000"), &list), 0, "maps without flags");
	ok(!list.flags_known, "... they are not known");
	is_int((int64_t)list.vmas[1].start, 0x2000, "... neighbours");
	is_int(list.vmas[0].flags, VMA_READ | VMA_WRITE, "... permissions");
	is_str(list.vmas[0].name, "", "... no name");
	maps_free(&list);

	is_int(parse("1000-2000 r-xs 00004000 fe:01 77  /a b\\012c (deleted)\n", &list), 0,
	       "a name with blanks");
	is_str(list.vmas[0].name, "/a b\\012c (deleted)", "... is whole");
	is_int((int64_t)list.vmas[0].offset, 0x4000, "... offset");
	is_int((int64_t)list.vmas[0].inode, 77, "... inode");
	is_int((int64_t)(list.vmas[0].device_major << 8 | list.vmas[0].device_minor), 0xfe01,
	       "... device");
	is_int(list.vmas[0].flags, VMA_READ | VMA_EXECUTE | VMA_SHARED, "... permissions");
	maps_free(&list);

	is_int(parse(LINE("1000-2000") "VmFlags: rd wr dc wf mg ht \n", &list), 0, "flags");
	is_int(list.vmas[0].flags,
	       VMA_READ | VMA_WRITE | VMA_DONTFORK | VMA_WIPEONFORK | VMA_MERGEABLE | VMA_HUGETLB,
	       "... all of them");
	maps_free(&list);

	is_int(parse(LINE("1000-3000") LINE("1000-5000") LINE("5000-6000"), &list), 0,
	       "one that grew meanwhile");
	is_int((int64_t)list.count, 3, "... is told as two");
	ok(list.vmas[0].end == 0x3000 && list.vmas[1].start == 0x3000 &&
		   list.vmas[1].end == 0x5000 && !list.vmas[1].offset,
	   "... that do not overlap");
	maps_free(&list);

	is_int(parse("1000-3000 r--s 00007000 fe:01 77 /a\n2000-5000 r--s 00008000 fe:01 77 /a\n",
		     &list),
	       0, "one of a file that grew meanwhile");
	is_int((int64_t)list.vmas[1].offset, 0x9000, "... offset");
	maps_free(&list);

	is_int(parse(LINE("2000-3000") LINE("1000-2000"), &list), -EINVAL, "not in order");
	is_int(parse(LINE("1000-3000") LINE("2000-3000"), &list), -EINVAL, "inside of another");
	is_int(parse(LINE("2000-1000"), &list), -EINVAL, "ends before it begins");
	is_int(parse("Size: 4 kB\n", &list), -EINVAL, "a field of no VMA");
	is_int(parse("1000-2000 rw-p 00000000 00:0", &list), -EINVAL, "cut short");
	is_int(parse("some text\n", &list), -EINVAL, "something else");
}

static void own(void)
{
	struct vma_list list;
	const struct vma *vma;

	is_int(maps_read(0, false, &list), 0, "own maps");
	vma = maps_find(&list, (uintptr_t)&list);
	ok(vma && !strcmp(vma->name, "[stack]"), "the stack is found");
	maps_free(&list);
	is_int(maps_read(0, true, &list), 0, "own smaps");
	ok(list.flags_known, "flags are known");
	maps_free(&list);
	is_int(maps_read(1 << 30, false, &list), -ENOENT, "no such process");
}

int main(void)
{
	recorded("smaps-6.18");
	recorded("smaps-6.1");
	recorded("smaps-5.10");
	made_up();
	own();
	return done_testing();
}
