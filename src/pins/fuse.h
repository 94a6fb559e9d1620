/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PINS_FUSE_H
#define THPIN_PINS_FUSE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "pins/pins.h"

/*
 * The hold server: a process that serves FUSE file systems of one file each and
 * keeps a READ unanswered, or a WRITE unread, until it is told to go on. Until
 * then the kernel holds the pages of the request.
 */

/*
 * The most pages that one FUSE request carries: FUSE_MAX_MAX_PAGES (fs/fuse/fuse_i.h;
 * Documentation/admin-guide/sysctl/fs.rst, max_pages_limit). A larger region needs as
 * many files.
 */
#define FUSE_PAGES 256

enum fuse_hold {
	FUSE_HOLD_READ,  /* READs are read from /dev/fuse and not answered */
	FUSE_HOLD_WRITE, /* WRITEs are left in the queue of /dev/fuse */
};

/* What the server is to serve; the same for all its files. */
struct fuse_plan {
	enum fuse_hold hold;
	size_t size;         /* bytes to be held, over all files */
	unsigned char *data; /* the device's side of them, shared memory */
	size_t chunk;        /* bytes of them in one file */
	size_t window;       /* where they begin in a file */
	size_t file_size;
};

struct fuse {
	struct fuse_plan plan;
	size_t request; /* bytes that one request carries at most */
	unsigned files;
	int *mount; /* a detached mount a file, seen by nobody else */
	pid_t server;
	int control;          /* socket to the server */
	unsigned patience_ms; /* of the pin */
};

/* Reasons why FUSE cannot be mounted here (no device, no right). */
int fuse_probe(const struct host *host, struct reason *why);

/* Mount and start the server, before the region exists. Returns 0 or -errno. */
int fuse_start(struct fuse *fuse, const struct fuse_plan *plan, const struct pin *pin,
	       struct reason *why);

/*
 * The usual plan: as many files as @size bytes need, of which the device's side is
 * pin->device. Each is to be read or written from its start.
 */
int fuse_start_files(struct fuse *fuse, enum fuse_hold hold, const struct pin *pin, size_t size,
		     struct reason *why);

/* Bytes of the region in file @index. */
size_t fuse_part(const struct fuse *fuse, unsigned index);

/*
 * What O_DIRECT on a FUSE file takes: FOLL_GET until Linux 6.8, FOLL_PIN since 6.9
 * (738adade96b2, "fuse: Fix missing FOLL_PIN for direct-io").
 */
enum pin_class fuse_class(const struct host *host);

/* Open the only file of mount @index with @flags; a descriptor or -errno. */
int fuse_open(const struct fuse *fuse, unsigned index, int flags, struct reason *why);

/* From now on hold; requests before are answered with zeros. */
int fuse_arm(struct fuse *fuse, struct reason *why);

/* Wait until plan.size bytes are held. -ETIMEDOUT when they do not come. */
int fuse_wait_held(struct fuse *fuse, struct reason *why);

/*
 * Answer the held READs from, or fetch the payload of the held WRITEs into,
 * plan.data. Returns when all are done.
 */
int fuse_release(struct fuse *fuse, struct reason *why);

/* Kill the server: the kernel aborts what is in flight (fuse_dev_release()). */
void fuse_stop(struct fuse *fuse);

/* In the server process: serve until the control socket closes. */
int fuse_serve(const struct fuse *fuse, const int *devices, int control);

#endif
