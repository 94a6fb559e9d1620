/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_BOOT_BOOT_H
#define THPIN_BOOT_BOOT_H

#include <stdbool.h>
#include <stddef.h>

#include "case/select.h"
#include "util/reason.h"

/*
 * Run a subcommand of this very program in a QEMU guest with another kernel:
 * an initramfs with thpin, its shared libraries and the kernel modules that it
 * wants; thpin as PID 1; the outputs and the exit status over a serial line.
 */

enum accelerator { ACCEL_TCG, ACCEL_KVM, ACCEL_AUTO };

struct boot_plan {
	const char *kernel;
	const char *modules;  /* directory that is searched for them, NULL: none */
	const char *qemu;     /* binary */
	const char *append;   /* more of the kernel command line, NULL: none */
	const char *disk;     /* raw image of a file system, stays as it is, NULL: none */
	const char *keep_log; /* console goes there too, NULL: nowhere */
	unsigned memory_mb;
	unsigned cpus;
	unsigned nodes;
	unsigned timeout_s;
	enum accelerator accel;
	const struct selection *cases; /* that run there; NULL: anything may */
	bool edu;                      /* a PCI device with a DMA engine behind an IOMMU */
	bool swap;                     /* swap is on in the guest */
	bool verbose;                  /* console goes to stderr */
	char **argv;                   /* subcommand and arguments, NULL-terminated */
};

/* Exit code of boot_run() besides those of the subcommand. */
#define BOOT_NO_ANSWER 125 /* the kernel did not boot, panicked or hung */
#define BOOT_FAILED 128    /* no QEMU, no memory ... */
#define BOOT_STOPPED 130   /* SIGINT or SIGTERM */

/*
 * Boot, pass the subcommand's stdout and stderr on to @out and @err
 * (descriptors), and return its exit code or one of the above, then with a
 * reason. The last console lines go to *console (to be freed) when there was
 * no answer.
 */
int boot_run(const struct boot_plan *plan, int out, int err, char **console, struct reason *why);

/*
 * Make the initramfs in memory. Returns a descriptor or -errno.
 */
int initramfs_make(const struct boot_plan *plan, struct reason *why);

/* In the guest: be PID 1. Does not return. */
_Noreturn void guest_main(void);

/* Where things are in the guest. */
#define GUEST_THPIN "/init"
#define GUEST_ARGUMENTS "/thpin.arguments" /* each ended by NUL */
#define GUEST_MODULES "/thpin.modules"     /* paths, one a line, in order of loading */
#define GUEST_OPTIONS "/thpin.options"     /* words: swap */
#define GUEST_DISK "/disk"                 /* there is one: mounted there */
#define GUEST_SERIAL "/dev/ttyS1"

#endif
