/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PINS_PINS_H
#define THPIN_PINS_PINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case/level.h"
#include "case/outcome.h"
#include "memory/memory.h"
#include "util/reason.h"

struct guardian;
struct host;
struct shared;

/* What the device can do with the pinned pages. */
#define DEVICE_WRITES 1u
#define DEVICE_READS 2u

/* A pin provider while a case runs, in the worker process. */
struct pin {
	const struct pin_ops *ops;
	const struct host *host;
	struct guardian *guardian; /* takes over what would outlive the worker */
	struct region *region;     /* set when taken */
	/*
	 * The device's side of the data, region->size bytes: what it writes, and
	 * what it has read. Shared memory, so that a process which the provider
	 * makes can be the device.
	 */
	unsigned char *device;
	const struct shared *device_file; /* what it is of; NULL: no file */
	/* How long the device, or who acts as one, may take for one thing. */
	unsigned patience_ms;
	size_t io_size; /* of ops->io: the smallest, and its alignment, in bytes */
	/*
	 * Of a slow device (see sampled): a byte a page, set for the pages to
	 * transfer; nothing is said of the others.
	 */
	unsigned char *sample;
	void *private; /* of the provider */
};

/*
 * A pin provider: really pins pages, and acts as the device that uses them.
 * The order of the calls is open, take, device_read and/or device_write (once
 * each), drop; all in the worker of one case.
 */
struct pin_ops {
	const char *name;
	const char *help;    /* one line */
	const char *held_by; /* what the pinned pages are in, for the event list */
	unsigned directions; /* DEVICE_WRITES | DEVICE_READS */
	const char *modules; /* kernel modules it needs, blank-separated, or NULL */
	/*
	 * Blank-separated or NULL: shared libraries that it loads itself, by soname,
	 * and globs of files that they read; what is there goes into guests too.
	 */
	const char *libraries, *files;
	enum level level;
	unsigned needs;  /* MEMORY_...: what memory it can pin */
	bool sampled;    /* slow: pin->sample says which pages it transfers */
	bool write_pin;  /* taken with FOLL_WRITE: breaks COW when taken */
	bool repeatable; /* take, use and drop are quick: for fork-vs-gup-fast */
	bool reads_file; /* the one that --file names */

	/* The class on this kernel (each provider names the commits). */
	enum pin_class (*class)(const struct host *host);

	/* 0, or -errno with the reason why this pin cannot be taken here. */
	int (*probe)(const struct host *host, struct reason *why);

	/*
	 * Set up what must exist before the region does: a helper process that
	 * were forked later would share the region's pages. @size is that of the
	 * region in bytes. May be NULL.
	 */
	int (*open)(struct pin *pin, size_t size, struct reason *why);

	/*
	 * Pin every page of the region; returns only when all are held. A pin that
	 * cannot be held (see in_flight) returns when its I/O has been submitted.
	 */
	int (*take)(struct pin *pin, struct region *region, struct reason *why);

	/* The device stores pin->device into the pinned pages. */
	int (*device_write)(struct pin *pin, struct reason *why);

	/* The device loads the pinned pages into pin->device. */
	int (*device_read)(struct pin *pin, struct reason *why);

	/*
	 * Of a pin that is raced, not held: true while its I/O is still on the way.
	 * A race that ended later than the I/O has not tested anything. What such a
	 * device writes is its own: device_write() waits for the end of the I/O and
	 * says in pin->device what that has written. It lets go with the end of the
	 * I/O, and may then be taken again. NULL: held.
	 */
	bool (*in_flight)(struct pin *pin);

	/*
	 * One I/O of its own, start to end, for races with many threads: the device
	 * fills @size bytes at @at, inside the region, with those it has for this
	 * place (pin->device). May be NULL.
	 */
	int (*io)(struct pin *pin, unsigned char *at, size_t size, struct reason *why);

	/*
	 * After an io() that seems to have been lost: does the device still have what
	 * it had for this place? Else -errno with a reason, and nothing was lost. NULL:
	 * it has what thpin gave it.
	 */
	int (*verify)(struct pin *pin, const unsigned char *at, size_t size, struct reason *why);

	/*
	 * Let go in good order, also after a failed take. What is left (children,
	 * descriptors) ends with the worker.
	 */
	void (*drop)(struct pin *pin);
};

extern const struct pin_ops *const pin_list[];
extern const size_t pin_list_count;

/* The name of pin_list[i], for nearest_name(); @unused is NULL. */
const char *pin_name_at(const void *unused, size_t i);

/*
 * ops->take(), which sets pin->region, and says of a file whose memory the kernel does
 * not pin for long that this cannot be had: -ENOTSUP (8ac268436e6d, Linux 6.5).
 */
int pin_take(struct pin *pin, struct region *region, struct reason *why);

/*
 * "pins 2 MiB (vmsplice into a pipe)" of @bytes bytes; on-demand paging, which pins
 * nothing, "registers" them. Returns @text, cut at @size.
 */
char *pin_taken(const struct pin *pin, enum pin_class class, size_t bytes, char *text, size_t size);

/*
 * Which of @pages pages the device transfers: "all 512 pages", or "3 of 512 pages".
 * Returns @text, cut at @size.
 */
char *pin_transfers(const struct pin *pin, unsigned pages, char *text, size_t size);

/*
 * fail_errno() for what opens descriptors by the size of the region: that there may be
 * no more of them is -ENOTSUP, and a larger limit or a smaller region would do.
 */
int fail_descriptors(struct reason *why, int err, const char *what);

/* fail() for @what was not done within pin->patience_ms; returns -ETIMEDOUT. */
int fail_late(struct reason *why, const char *what, unsigned patience_ms);

#endif
