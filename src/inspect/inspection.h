/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_INSPECTION_H
#define THPIN_INSPECT_INSPECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "case/outcome.h"
#include "inspect/heat.h"
#include "inspect/probe/probe.h"
#include "inspect/target.h"
#include "inspect/totals.h"
#include "procfs/maps.h"
#include "procfs/zoneinfo.h"
#include "util/reason.h"

struct host;

/* What holds pinned pages. */
enum holder_kind {
	HOLDER_URING,        /* a registered buffer of an io_uring */
	HOLDER_RING,         /* what an io_uring itself works on, in memory of a process */
	HOLDER_XDP,          /* the umem of an AF_XDP socket */
	HOLDER_PIPE,         /* pages that vmsplice() put into a pipe */
	HOLDER_RDMA,         /* a memory region */
	HOLDER_VFIO,         /* a type1 map */
	HOLDER_UDMABUF,      /* a dma-buf over a memfd */
	HOLDER_IOMMUFD,      /* maps of /dev/iommu: only that they are not read */
	HOLDER_UNATTRIBUTED, /* references that no holder found explains */
	HOLDER_KIND_COUNT,
};

/* How it is known which pages a holder has. */
enum confidence {
	CONFIDENCE_EXACT, /* its list of pages was read */
	CONFIDENCE_RANGE, /* its address range was read; pages without a pin are not its own */
	CONFIDENCE_COUNT, /* only that there are references, or how many */
};

/* Does the holder have the page that the process has? */
enum sync {
	SYNC_IN,
	SYNC_OUT,      /* another page is mapped */
	SYNC_UNMAPPED, /* none is */
	SYNC_SWAPPED,
	SYNC_UNKNOWN, /* it changed while it was read, or cannot be read */
	SYNC_COUNT,
};

/* Pages of a holder one after the other that are alike. */
struct sync_span {
	uint64_t address; /* in the target */
	uint64_t pages;
	enum sync sync;
	int content; /* of SYNC_OUT: 1 equal, 0 different, -1 not compared */
};

/* One pinned range of the target's memory. */
struct holder {
	enum holder_kind kind;
	enum pin_class class;
	enum confidence confidence;
	pid_t pid;           /* of the process that has the descriptor, 0: none has */
	char comm[16];       /* of that process */
	int fd;              /* -1: held without a descriptor */
	unsigned index;      /* which of the buffers or maps of that descriptor */
	uint64_t start, end; /* addresses in the target, of whole pages; start 0: not known where */
	bool edge;           /* the first or last page is the holder's in part only */
	uint64_t pages[SYNC_COUNT];
	uint64_t shared;            /* of SYNC_IN: pages that the next write would copy */
	uint64_t content_different; /* of SYNC_OUT: pages whose bytes differ */
	uint64_t swapped_apart;     /* of SYNC_SWAPPED: what would come back is another page */
	uint64_t first_bad;         /* first address that is not in sync, 0: none */
	uint64_t signature;         /* of its list of pages: another list has another */
	int device_node;            /* NUMA node of its device, -1: none or not known */
	uint64_t nodes;             /* NUMA nodes of its pages, as a mask */
	uint64_t far;               /* pages on other nodes, see HAZARD_FAR_NODE */
	unsigned hazards;           /* bit per enum hazard_code */
	struct sync_span *spans;    /* by address */
	size_t spans_count;
};

/* Why pinned memory is at risk; thpin(7), HAZARDS. */
enum hazard_code {
	HAZARD_DIVERGED,     /* the device has other pages than the process */
	HAZARD_SHARED,       /* pinned and shared: the next write moves the CPU away */
	HAZARD_GET_FORKABLE, /* FOLL_GET without MADV_DONTFORK */
	HAZARD_PIN_FORKABLE, /* FOLL_PIN, on a kernel whose fork() does not respect it */
	HAZARD_HOLES,        /* discarded in part: an allocator purges it */
	HAZARD_SHARED_EDGE,  /* the first or last page has other data, too */
	HAZARD_THP_KEPT,     /* a THP mapped in part is kept whole by the pin */
	HAZARD_MERGEABLE,    /* KSM may look at it */
	HAZARD_WIPEONFORK,   /* zero in a child, while the device goes on */
	HAZARD_MANY_VMAS,    /* near vm.max_map_count, by MADV_DONTFORK */
	HAZARD_FAR_NODE,     /* on other NUMA nodes than the device, or all CPUs in use */
	HAZARD_COUNT,
};

struct hazard {
	enum hazard_code code;
	int holder;          /* index, -1: of the process */
	uint64_t start, end; /* addresses in the target, 0: all of it */
	uint64_t pages;
};

/* Orders of folios, up to a PMD of 64 KiB pages. */
#define ORDERS 14

/* What is known of one process. */
struct inspection {
	const struct host *host;
	struct target target;
	struct probe *probe;
	struct reason level_why; /* why the probe is no better one, "": it is the best */
	struct vma_list vmas;
	struct totals *vma_totals; /* vmas.count of them */
	struct totals totals;
	uint64_t order[ORDERS]; /* pages of KIND_MTHP, by order of their folio */
	struct node_map nodes;
	uint64_t node_pages[NODES_MAX]; /* present pages, by NUMA node */
	uint64_t near; /* nodes, as a mask, of CPUs that it may use; all: not known */
	struct holder *holders;
	size_t holders_count;
	struct reason blind[HOLDER_KIND_COUNT]; /* why a kind is not found, "": it is */
	struct hazard *hazards;
	size_t hazards_count;
	uint64_t ns;      /* of the look */
	bool changed;     /* the process mapped or unmapped memory meanwhile */
	struct heat heat; /* of what the request asked for */
};

/* What to look at. */
struct inspect_request {
	pid_t pid;
	const struct host *host;
	struct probe *probe; /* stays the caller's */
	bool map;            /* fill the heat map */
	long map_vma;        /* only this one, by index, -1: all */
	uint64_t map_start, map_end;
	uint64_t map_cell; /* bytes of a cell, a power of two */

	/* How far it has come, for a terminal: VMAs done and in all. NULL: nobody asks. */
	void (*progress)(void *context, size_t done, size_t total);
	void *context;
};

/*
 * Look at a process. Returns 0 or -errno with a reason (see target_open(); -ESRCH
 * also when it ends meanwhile). inspection_free() is needed after 0 only.
 */
int inspect(struct inspection *inspection, const struct inspect_request *request,
	    struct reason *why);
void inspection_free(struct inspection *inspection);

const char *holder_kind_name(enum holder_kind kind); /* "io_uring" */
const char *confidence_name(enum confidence confidence);
const char *sync_name(enum sync sync);          /* "in-sync" */
const char *hazard_name(enum hazard_code code); /* "pinned-diverged" */

#endif
