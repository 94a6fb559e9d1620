// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory/memory.h"

extern const struct memory_ops memory_thp, memory_thp_pte, memory_base;

const struct memory_ops *const memory_list[] = {
	&memory_thp,
	&memory_thp_pte,
	&memory_base,
};

const size_t memory_list_count = sizeof(memory_list) / sizeof(memory_list[0]);
