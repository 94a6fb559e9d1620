// SPDX-License-Identifier: GPL-2.0-or-later
#include "pins/edu.h"

#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pins/pins.h"
#include "util/io.h"

/* Registers in BAR 0; a write of 32 bits clears the other half of an address. */
#define EDU_SOURCE 0x80
#define EDU_DESTINATION 0x88
#define EDU_COUNT 0x90
#define EDU_COMMAND 0x98
#define EDU_BUFFER UINT32_C(0x40000)

/*
 * The buffer has a page, but QEMU before 8.2.1 ends with an error when all of it is
 * transferred.
 */
#define EDU_PART 2048

#define COMMAND_START 1u
#define COMMAND_TO_MEMORY 2u

static int region_offset(int fd, unsigned index, uint64_t *offset, struct reason *why)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = index };

	if (ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		return fail_errno(why, errno, "VFIO_DEVICE_GET_REGION_INFO");
	*offset = info.offset;
	return 0;
}

int edu_open(struct edu *edu, int fd, unsigned patience_ms, struct reason *why)
{
	uint64_t config = 0;
	uint16_t ids[2], command = 0;
	int err = region_offset(fd, VFIO_PCI_CONFIG_REGION_INDEX, &config, why);

	if (err)
		return err;
	err = pread_all(fd, ids, sizeof(ids), (off_t)config + PCI_VENDOR_ID);
	if (!err && (ids[0] != EDU_VENDOR || ids[1] != EDU_DEVICE))
		return fail(why, ENODEV, "%04x:%04x is not QEMU's edu", ids[0], ids[1]);
	if (!err)
		err = pread_all(fd, &command, sizeof(command), (off_t)config + PCI_COMMAND);
	command |= PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	if (!err)
		err = pwrite_all(fd, &command, sizeof(command), (off_t)config + PCI_COMMAND);
	if (err)
		return fail_errno(why, -err, "configuration space of the VFIO device");
	edu->fd = fd;
	edu->patience_ms = patience_ms;
	return region_offset(fd, VFIO_PCI_BAR0_REGION_INDEX, &edu->registers, why);
}

static int set(const struct edu *edu, unsigned at, uint32_t value)
{
	return pwrite_all(edu->fd, &value, sizeof(value), (off_t)(edu->registers + at));
}

/* One transfer, started and waited for. */
static int transfer(const struct edu *edu, uint32_t from, uint32_t to, size_t size,
		    uint32_t command, struct reason *why)
{
	uint64_t deadline = clock_ns() + edu->patience_ms * UINT64_C(1000000);
	uint32_t busy = COMMAND_START;
	int err = set(edu, EDU_SOURCE, from);

	if (!err)
		err = set(edu, EDU_DESTINATION, to);
	if (!err)
		err = set(edu, EDU_COUNT, (uint32_t)size);
	if (!err)
		err = set(edu, EDU_COMMAND, COMMAND_START | command);
	while (!err && busy & COMMAND_START) {
		if (clock_ns() > deadline)
			return fail_late(why, "edu: a DMA", edu->patience_ms);
		usleep(2000);
		err = pread_all(edu->fd, &busy, sizeof(busy),
				(off_t)(edu->registers + EDU_COMMAND));
	}
	return err ? fail_errno(why, -err, "edu: registers") : 0;
}

int edu_copy(const struct edu *edu, uint64_t from, uint64_t to, size_t size, struct reason *why)
{
	int err = 0;

	if (from + size > EDU_IOVA_END || to + size > EDU_IOVA_END)
		return fail(why, ENOTSUP, "edu reaches only the first 256 MiB (see --size)");
	for (size_t at = 0; !err && at < size; at += EDU_PART) {
		size_t part = size - at < EDU_PART ? size - at : EDU_PART;

		err = transfer(edu, (uint32_t)(from + at), EDU_BUFFER, part, 0, why);
		if (!err)
			err = transfer(edu, EDU_BUFFER, (uint32_t)(to + at), part,
				       COMMAND_TO_MEMORY, why);
	}
	return err;
}
