// SPDX-License-Identifier: GPL-2.0-or-later
#include "races/races.h"

extern const struct race_ops race_none;
extern const struct race_ops race_fork_parent_write, race_fork_child_write, race_fork_child_exit;
extern const struct race_ops race_fork_grandchild, race_fork_dontfork, race_fork_wipeonfork;
extern const struct race_ops race_shared_before_pin, race_vfork_exec;
extern const struct race_ops race_fork_threads, race_fork_vs_gup_fast;
extern const struct race_ops race_fork_child_writes_only, race_previously_shared;
extern const struct race_ops race_mprotect_softdirty, race_read_only_before_pin;
extern const struct race_ops race_cow_fork, race_cow_fork_mprotect, race_cow_collapse_fork;
extern const struct race_ops race_cow_fork_collapse, race_cow_fork_collapse_lower;
extern const struct race_ops race_cow_fork_collapse_upper;
extern const struct race_ops race_leak_child_pin, race_leak_child_pin_mprotect;
extern const struct race_ops race_leak_parent_pin_fork, race_leak_fork_parent_pin;
extern const struct race_ops race_split_mprotect, race_split_munmap, race_split_mremap;
extern const struct race_ops race_split_mprotect_fork, race_split_munmap_fork;
extern const struct race_ops race_split_debugfs, race_split_child_pageout;
extern const struct race_ops race_mprotect_half_rorw, race_mprotect_all_rorw;
extern const struct race_ops race_uffd_wp, race_uffd_move;
extern const struct race_ops race_pageout, race_madv_free, race_madv_cold;
extern const struct race_ops race_memory_pressure;
extern const struct race_ops race_dontneed_all, race_dontneed_page, race_remap_fixed;
extern const struct race_ops race_dontneed_in_flight;
extern const struct race_ops race_punch_hole, race_punch_hole_page, race_madv_remove;
extern const struct race_ops race_guard_install;
extern const struct race_ops race_collapse, race_khugepaged, race_ksm, race_compact;
extern const struct race_ops race_mremap_all, race_mremap_dontunmap;
extern const struct race_ops race_migrate_node, race_numa_hint, race_soft_offline;

const struct race_ops *const race_list[] = {
	&race_none,
	&race_fork_parent_write,
	&race_fork_child_write,
	&race_fork_child_exit,
	&race_fork_grandchild,
	&race_fork_dontfork,
	&race_fork_wipeonfork,
	&race_shared_before_pin,
	&race_vfork_exec,
	&race_fork_threads,
	&race_fork_vs_gup_fast,
	&race_fork_child_writes_only,
	&race_previously_shared,
	&race_split_mprotect,
	&race_split_munmap,
	&race_split_mremap,
	&race_split_mprotect_fork,
	&race_split_munmap_fork,
	&race_split_debugfs,
	&race_split_child_pageout,
	&race_mprotect_half_rorw,
	&race_mprotect_all_rorw,
	&race_uffd_wp,
	&race_mprotect_softdirty,
	&race_read_only_before_pin,
	&race_pageout,
	&race_madv_free,
	&race_madv_cold,
	&race_memory_pressure,
	&race_collapse,
	&race_khugepaged,
	&race_ksm,
	&race_migrate_node,
	&race_numa_hint,
	&race_compact,
	&race_soft_offline,
	&race_uffd_move,
	&race_mremap_all,
	&race_mremap_dontunmap,
	&race_cow_fork,
	&race_cow_fork_mprotect,
	&race_cow_collapse_fork,
	&race_cow_fork_collapse,
	&race_cow_fork_collapse_lower,
	&race_cow_fork_collapse_upper,
	&race_leak_child_pin,
	&race_leak_child_pin_mprotect,
	&race_leak_parent_pin_fork,
	&race_leak_fork_parent_pin,
	&race_dontneed_page,
	&race_dontneed_all,
	&race_dontneed_in_flight,
	&race_remap_fixed,
	&race_guard_install,
	&race_punch_hole,
	&race_punch_hole_page,
	&race_madv_remove,
};

const size_t race_list_count = sizeof(race_list) / sizeof(race_list[0]);
