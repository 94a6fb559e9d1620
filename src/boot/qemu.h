/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_BOOT_QEMU_H
#define THPIN_BOOT_QEMU_H

#include <sys/types.h>

#include "boot/boot.h"

/* A running QEMU; what the guest and it say comes through pipes. */
struct qemu {
	pid_t pid;
	int console; /* first serial line, and QEMU's own stderr */
	int frames;  /* second serial line, boot/frames.h */
};

/* What the guest boots: descriptors. */
struct qemu_files {
	int kernel;
	int initramfs;
};

/*
 * Start @plan's QEMU with @files. @kvm: with KVM, else TCG.
 * Returns 0 or -errno; -ENOENT when there is no QEMU.
 */
int qemu_start(struct qemu *qemu, const struct boot_plan *plan, const struct qemu_files *files,
	       bool kvm, struct reason *why);

/*
 * What QEMU has exited with, once both of its streams have ended, as shells count: 127 it
 * could not be run, 128 and the signal that ended it.
 */
int qemu_status(struct qemu *qemu);

/* Kill and reap it. */
void qemu_stop(struct qemu *qemu);

#endif
