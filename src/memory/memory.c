// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory/memory.h"

extern const struct memory_ops memory_thp, memory_thp_pte, memory_base;
extern const struct memory_ops memory_shmem, memory_memfd_private;
extern const struct memory_ops memory_hugetlb_shared;

const struct memory_ops *const memory_list[] = {
	&memory_thp,   &memory_thp_pte,       &memory_base,
	&memory_shmem, &memory_memfd_private, &memory_hugetlb_shared,
};

const char *const memory_trait_names[MEMORY_TRAITS] = {
	"pmd",       "collapsible",   "anonymous", "private",     "memfd",
	"divisible", "several-pages", "written",   "reclaimable",
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
	};

	for (unsigned i = 0; i < MEMORY_TRAITS; i++)
		if (needed & ~ops->traits & 1u << i)
			return lacks[i];
	return NULL;
}

const size_t memory_list_count = sizeof(memory_list) / sizeof(memory_list[0]);
