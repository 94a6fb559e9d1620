// SPDX-License-Identifier: GPL-2.0-or-later
#include "procfs/pagemap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "util/io.h"

int pagemap_open(struct pagemap *pagemap, pid_t pid)
{
	char path[32];

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	else
		snprintf(path, sizeof(path), "/proc/self/pagemap");
	pagemap->page_size = (size_t)sysconf(_SC_PAGESIZE);
	pagemap->fd = open(path, O_RDONLY | O_CLOEXEC);
	return pagemap->fd < 0 ? -errno : 0;
}

void pagemap_close(struct pagemap *pagemap)
{
	close_fd(&pagemap->fd);
}

/* Entries @first.. of a file of 64-bit entries, as many as fit in one call. */
static int read_entries(int fd, uint64_t first, size_t count, uint64_t *entries)
{
	const size_t entry = sizeof(*entries);

	if (count > SIZE_MAX / entry || first > INT64_MAX / entry - count)
		return -EINVAL;
	return pread_all(fd, entries, count * entry, (off_t)(first * entry));
}

int pagemap_read(const struct pagemap *pagemap, uintptr_t address, size_t count, uint64_t *entries)
{
	if (address % pagemap->page_size)
		return -EINVAL;
	return read_entries(pagemap->fd, address / pagemap->page_size, count, entries);
}

bool pagemap_swapped(uint64_t entry)
{
	return (entry & PM_SWAP) && !(entry & PM_GUARD);
}

uint64_t pagemap_pfn(uint64_t entry)
{
	/* Of a swapped page these bits are the swap type and offset. */
	return entry & PM_PRESENT ? entry & PM_PFN_MASK : 0;
}

int kpage_read_fd(int fd, uint64_t pfn, size_t count, uint64_t *entries)
{
	return read_entries(fd, pfn, count, entries);
}

int kpage_read(const char *path, uint64_t pfn, size_t count, uint64_t *entries)
{
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = kpage_read_fd(fd, pfn, count, entries);
	close(fd);
	return err;
}

/*
 * The long names of tools/mm/page-types.c. Left out are the bits that mean
 * something else from one kernel to the next: 34 was "mappedtodisk" until 6.11,
 * is "owner_2" since, and on anonymous pages PageAnonExclusive since 5.19; 39
 * was "uncached" until 6.11.
 */
static const char *const kpf_names[64] = {
	[0] = "locked",
	[1] = "error",
	[2] = "referenced",
	[3] = "uptodate",
	[4] = "dirty",
	[5] = "lru",
	[6] = "active",
	[7] = "slab",
	[8] = "writeback",
	[9] = "reclaim",
	[10] = "buddy",
	[11] = "mmap",
	[12] = "anonymous",
	[13] = "swapcache",
	[KPF_SWAPBACKED] = "swapbacked",
	[KPF_COMPOUND_HEAD] = "compound_head",
	[KPF_COMPOUND_TAIL] = "compound_tail",
	[KPF_HUGE] = "huge",
	[18] = "unevictable",
	[19] = "hwpoison",
	[20] = "nopage",
	[KPF_KSM] = "ksm",
	[KPF_THP] = "thp",
	[23] = "offline",
	[KPF_ZERO_PAGE] = "zero_page",
	[25] = "idle_page",
	[26] = "pgtable",
	[32] = "reserved",
	[33] = "mlocked",
	[35] = "private",
	[36] = "private_2",
	[37] = "owner_private",
	[38] = "arch",
	[40] = "softdirty",
	[41] = "arch_2",
};

char *kpageflags_text(uint64_t flags, char *text, size_t size)
{
	size_t used = 0;

	if (size)
		text[0] = '\0';
	for (unsigned bit = 0; bit < 64 && used < size; bit++) {
		const char *blank = used ? " " : "";
		int n;

		if (!(flags >> bit & 1))
			continue;
		if (kpf_names[bit])
			n = snprintf(text + used, size - used, "%s%s", blank, kpf_names[bit]);
		else
			n = snprintf(text + used, size - used, "%sbit%u", blank, bit);
		used += (size_t)n;
	}
	return text;
}

int kpage_flags_at(const void *at, uint64_t *flags)
{
	struct pagemap pagemap;
	uint64_t entry;
	int err = pagemap_open(&pagemap, 0);

	if (err)
		return err;
	err = pagemap_read(&pagemap, (uintptr_t)at & ~(uintptr_t)(pagemap.page_size - 1), 1,
			   &entry);
	pagemap_close(&pagemap);
	if (err)
		return err;
	return pagemap_pfn(entry) ? kpage_read("/proc/kpageflags", pagemap_pfn(entry), 1, flags) :
				    -ENODATA;
}
