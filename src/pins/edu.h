/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PINS_EDU_H
#define THPIN_PINS_EDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/reason.h"

/*
 * QEMU's PCI device for teaching (docs/specs/edu.rst in its source), the one
 * device with a DMA engine that any program can drive. Its addresses have 28
 * bits, its buffer is a page, and every transfer takes 100 ms.
 */
#define EDU_VENDOR 0x1234
#define EDU_DEVICE 0x11e8
#define EDU_IOVA_END (UINT64_C(1) << 28)

struct edu {
	int fd;               /* of VFIO, not owned */
	uint64_t registers;   /* offset of BAR 0 in it */
	unsigned patience_ms; /* with one transfer */
};

/*
 * Let the device be a bus master. @fd is its VFIO descriptor. Returns 0 or
 * -errno with a reason, -ENODEV when it is another device.
 */
int edu_open(struct edu *edu, int fd, unsigned patience_ms, struct reason *why);

/*
 * Copy @size bytes from one I/O virtual address to another, through the buffer of
 * the device. Takes 400 ms a page. Returns 0 or -errno.
 */
int edu_copy(const struct edu *edu, uint64_t from, uint64_t to, size_t size, struct reason *why);

#endif
