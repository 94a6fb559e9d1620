/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PROCFS_SMAPS_H
#define THPIN_PROCFS_SMAPS_H

#include <stdint.h>
#include <sys/types.h>

/* Sums over the VMAs that overlap a range, in KiB, from /proc/PID/smaps. */
struct smaps_sum {
	unsigned vmas;
	uint64_t size_kb; /* of the whole VMAs, not cut to the range */
	uint64_t rss_kb;
	uint64_t referenced_kb; /* accessed since that was last cleared */
	uint64_t anon_huge_kb;  /* AnonHugePages: anonymous memory mapped by PMDs */
	uint64_t file_pmd_kb;   /* ShmemPmdMapped and FilePmdMapped: the same of files */
	uint64_t hugetlb_kb;    /* Shared_Hugetlb and Private_Hugetlb */
	uint64_t lazy_free_kb;  /* LazyFree: marked by MADV_FREE */
	uint64_t swap_kb;
	uint64_t ksm_kb;
};

/*
 * Sum the text of smaps over the VMAs that overlap [@start, @end). Returns 0
 * or -EINVAL when the text is not smaps.
 */
int smaps_parse(const char *text, uintptr_t start, uintptr_t end, struct smaps_sum *sum);

/* The same of process @pid, 0 for the caller. Returns 0 or -errno. */
int smaps_read(pid_t pid, uintptr_t start, uintptr_t end, struct smaps_sum *sum);

#endif
