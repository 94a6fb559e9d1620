// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory/memory.h"

#include "host/host.h"

extern const struct memory_ops memory_thp, memory_thp_pte, memory_base;
extern const struct memory_ops memory_mthp_16k, memory_mthp_32k, memory_mthp_64k, memory_mthp_128k;
extern const struct memory_ops memory_mthp_256k, memory_mthp_512k, memory_mthp_1m;
extern const struct memory_ops memory_thp_single_pte, memory_thp_mremapped, memory_thp_shared;
extern const struct memory_ops memory_base_swapped, memory_thp_swapped, memory_thp_pte_swapped;
extern const struct memory_ops memory_thp_single_pte_swapped;
extern const struct memory_ops memory_zero, memory_zero_thp;
extern const struct memory_ops memory_shmem, memory_shmem_thp;
extern const struct memory_ops memory_memfd_private, memory_memfd_thp_private;
extern const struct memory_ops memory_file_private, memory_file_shared;
extern const struct memory_ops memory_hugetlb, memory_hugetlb_private, memory_hugetlb_shared;

const struct memory_ops *const memory_list[] = {
	&memory_thp,
	&memory_thp_pte,
	&memory_base,
	&memory_mthp_16k,
	&memory_mthp_32k,
	&memory_mthp_64k,
	&memory_mthp_128k,
	&memory_mthp_256k,
	&memory_mthp_512k,
	&memory_mthp_1m,
	&memory_thp_single_pte,
	&memory_thp_mremapped,
	&memory_thp_shared,
	&memory_base_swapped,
	&memory_thp_swapped,
	&memory_thp_pte_swapped,
	&memory_thp_single_pte_swapped,
	&memory_zero,
	&memory_zero_thp,
	&memory_shmem,
	&memory_shmem_thp,
	&memory_memfd_private,
	&memory_memfd_thp_private,
	&memory_file_private,
	&memory_file_shared,
	&memory_hugetlb,
	&memory_hugetlb_private,
	&memory_hugetlb_shared,
};

const char *const memory_trait_names[MEMORY_TRAITS] = {
	"pmd",           "collapsible", "anonymous",   "private", "memfd", "divisible",
	"several-pages", "written",     "reclaimable", "small",   "large",
};

const char *memory_lacks(const struct memory_ops *ops, unsigned needed)
{
	static const char *const lacks[MEMORY_TRAITS] = {
		"this memory has no PMD mapping to split",
		"this memory cannot be collapsed",
		"this memory is not anonymous",
		"this memory is shared, not copied on write",
		"this memory is no memfd",
		"this memory cannot be changed a base page at a time",
		"this memory has only one page",
		"this memory was never written, so nothing of it can be seen to go",
		"the kernel never reclaims this memory",
		"the pages of this memory are parts of larger folios",
		"this memory has no large folio to split",
	};

	for (unsigned i = 0; i < MEMORY_TRAITS; i++)
		if (needed & ~ops->traits & 1u << i)
			return lacks[i];
	return NULL;
}

size_t memory_size(const struct memory_ops *ops, const struct host *host, size_t size)
{
	return ops->traits & MEMORY_SEVERAL ? size : host->page_size;
}

const size_t memory_list_count = sizeof(memory_list) / sizeof(memory_list[0]);

const char *memory_name_at(const void *unused, size_t i)
{
	(void)unused;
	return memory_list[i]->name;
}
