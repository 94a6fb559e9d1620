// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VFIO, type 1: memory mapped for a device behind an IOMMU. FOLL_PIN |
 * FOLL_LONGTERM since Linux 5.6, FOLL_WRITE only with VFIO_DMA_MAP_FLAG_WRITE
 * (vaddr_get_pfns(), drivers/vfio/vfio_iommu_type1.c;
 * Documentation/driver-api/vfio.rst). Any device that is bound to vfio-pci gives
 * the pin; to act as the device it takes one with a DMA engine that thpin can
 * drive: QEMU's edu, which is slow, so that only some pages are transferred.
 *
 * vfio-ro: the same, for the device to read only.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host/host.h"
#include "host/kernel_config.h"
#include "memory/memory.h"
#include "pins/edu.h"
#include "pins/pins.h"
#include "util/io.h"

#define CONTAINER "/dev/vfio/vfio"
#define DRIVER "/sys/bus/pci/drivers/vfio-pci"

/* Below what x86 keeps for interrupts and above what firmware has reserved. */
#define IOVA (UINT64_C(16) << 20)

/* For another process to let go of the group, in nanoseconds. */
#define BUSY_NS UINT64_C(1000000000)

struct vfio {
	int container, group, device;
	struct edu edu;
	bool has_edu;
	uint64_t region, buffer; /* I/O virtual addresses; buffer: of pin->device */
};

/* A device that is bound to vfio-pci. */
struct bound {
	char name[32]; /* "0000:00:02.0" */
	char group[32];
	bool edu;
};

static enum pin_class vfio_class(const struct host *host)
{
	(void)host;
	return PIN_CLASS_LONGTERM;
}

static unsigned read_id(const char *device, const char *file)
{
	char path[128], *text;
	unsigned id = 0;

	snprintf(path, sizeof(path), DRIVER "/%.31s/%s", device, file);
	if (!read_text(path, &text, NULL)) {
		id = (unsigned)strtoul(text, NULL, 16);
		free(text);
	}
	return id;
}

/* False when it has no IOMMU group. */
static bool look_at(const char *name, struct bound *bound)
{
	char path[128], target[256];
	const char *group;
	ssize_t length;

	snprintf(path, sizeof(path), DRIVER "/%.31s/iommu_group", name);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	group = strrchr(target, '/');
	snprintf(bound->name, sizeof(bound->name), "%.31s", name);
	snprintf(bound->group, sizeof(bound->group), "/dev/vfio/%.20s", group ? group + 1 : target);
	bound->edu = read_id(name, "vendor") == EDU_VENDOR && read_id(name, "device") == EDU_DEVICE;
	return true;
}

/* An edu, else the first device. */
static int find_bound(struct bound *bound, struct reason *why)
{
	DIR *directory = opendir(DRIVER);
	struct dirent *entry;
	bool any = false, found = false;

	if (!directory)
		return fail(why, ENODEV,
			    "no driver vfio-pci: CONFIG_VFIO_PCI is not set, or its module not loaded "
			    "(modprobe vfio-pci)");
	while (!(found && bound->edu) && (entry = readdir(directory))) {
		struct bound next;

		if (!strchr(entry->d_name, ':'))
			continue;
		any = true;
		if (!look_at(entry->d_name, &next) || (found && !next.edu))
			continue;
		*bound = next;
		found = true;
	}
	closedir(directory);
	if (found)
		return 0;
	return fail(why, ENODEV,
		    any ? "no device of vfio-pci is behind an IOMMU (intel_iommu=on, amd_iommu=on)" :
			  "no device is bound to vfio-pci (driver_override, drivers_probe in "
			  "/sys/bus/pci; thpin boot --device edu has one)");
}

static int vfio_probe(const struct host *host, struct reason *why)
{
	struct bound bound = { .edu = false };
	int err;

	if (access(CONTAINER, F_OK))
		return kernel_lacks(host, "no " CONTAINER, "VFIO", "vfio-pci", why);
	err = find_bound(&bound, why);
	if (err)
		return err;
	if (access(CONTAINER, R_OK | W_OK))
		return fail_errno(why, errno, CONTAINER);
	return access(bound.group, R_OK | W_OK) ?
		       fail_errno(why, errno, "%s of device %s", bound.group, bound.name) :
		       0;
}

/*
 * A group is of one process at a time, and that of an earlier case may still be ending
 * (vfio_group_fops_open(), drivers/vfio/group.c).
 */
static int open_group(const struct bound *bound, struct reason *why)
{
	uint64_t deadline = clock_ns() + BUSY_NS;
	int fd;

	while ((fd = open(bound->group, O_RDWR | O_CLOEXEC)) < 0 && errno == EBUSY &&
	       clock_ns() < deadline)
		usleep(2000);
	if (fd >= 0)
		return fd;
	if (errno == EBUSY)
		return fail(why, ENOTSUP, "%s of device %s is in use (fuser -v %s)", bound->group,
			    bound->name, bound->group);
	return fail_errno(why, errno, "%s of device %s", bound->group, bound->name);
}

static int join(struct vfio *vfio, const struct bound *bound, struct reason *why)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };

	vfio->container = open(CONTAINER, O_RDWR | O_CLOEXEC);
	if (vfio->container < 0)
		return fail_errno(why, errno, CONTAINER);
	if (ioctl(vfio->container, VFIO_GET_API_VERSION) != VFIO_API_VERSION ||
	    ioctl(vfio->container, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) <= 0)
		return fail(why, ENOTSUP,
			    "VFIO has no type 1 here: CONFIG_VFIO_IOMMU_TYPE1 is not set, or its "
			    "module not loaded (modprobe vfio_iommu_type1)");
	vfio->group = open_group(bound, why);
	if (vfio->group < 0)
		return vfio->group;
	if (ioctl(vfio->group, VFIO_GROUP_GET_STATUS, &status))
		return fail_errno(why, errno, "VFIO_GROUP_GET_STATUS");
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return fail(why, ENOTSUP,
			    "not every device of the IOMMU group of %s is bound to vfio-pci",
			    bound->name);
	if (ioctl(vfio->group, VFIO_GROUP_SET_CONTAINER, &vfio->container))
		return fail_errno(why, errno, "VFIO_GROUP_SET_CONTAINER");
	if (!ioctl(vfio->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return 0;
	if (errno == EPERM)
		return fail(why, ENOTSUP,
			    "this IOMMU does not remap interrupts (see allow_unsafe_interrupts of "
			    "vfio_iommu_type1)");
	return fail_errno(why, errno, "VFIO_SET_IOMMU");
}

static int map(struct vfio *vfio, void *data, size_t size, uint64_t iova, unsigned flags,
	       struct reason *why)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = flags,
		.vaddr = (uintptr_t)data,
		.iova = iova,
		.size = size,
	};

	if (!ioctl(vfio->container, VFIO_IOMMU_MAP_DMA, &map))
		return 0;
	if (errno == ENOMEM)
		return fail(why, EPERM,
			    "cannot map %zu KiB for DMA: RLIMIT_MEMLOCK too small (raise ulimit -l)",
			    size / 1024);
	return fail_errno(why, errno, "VFIO_IOMMU_MAP_DMA of %zu KiB", size / 1024);
}

static int vfio_open(struct pin *pin, size_t size, struct reason *why)
{
	struct vfio *vfio = calloc(1, sizeof(*vfio));
	struct bound bound = { .edu = false };
	int err;

	if (!vfio)
		return fail_errno(why, ENOMEM, "VFIO");
	pin->private = vfio;
	vfio->container = vfio->group = vfio->device = -1;
	vfio->region = IOVA;
	vfio->buffer = IOVA + (size + IOVA - 1) / IOVA * IOVA;
	err = find_bound(&bound, why);
	if (!err)
		err = join(vfio, &bound, why);
	if (err || !bound.edu)
		return err;
	vfio->device = ioctl(vfio->group, VFIO_GROUP_GET_DEVICE_FD, bound.name);
	if (vfio->device < 0)
		return fail_errno(why, errno, "VFIO device %s", bound.name);
	err = edu_open(&vfio->edu, vfio->device, pin->patience_ms, why);
	if (!err)
		err = map(vfio, pin->device, size, vfio->buffer,
			  VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE, why);
	vfio->has_edu = !err;
	return err;
}

static int vfio_take(struct pin *pin, struct region *region, struct reason *why)
{
	struct vfio *vfio = pin->private;

	return map(vfio, region->base, region->size, vfio->region,
		   pin->ops->write_pin ? VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE :
					 VFIO_DMA_MAP_FLAG_READ,
		   why);
}

/* The sampled pages, one way or the other. */
static int transfer(struct pin *pin, bool write, struct reason *why)
{
	struct vfio *vfio = pin->private;
	size_t page_size = pin->region->page_size;
	int err = 0;

	if (!vfio->has_edu)
		return fail(why, ENOTSUP,
			    "pinned, but no bytes were compared: the device has no DMA engine that "
			    "thpin knows (QEMU's edu has)");
	for (unsigned i = 0; !err && i < pin->region->pages; i++) {
		uint64_t region = vfio->region + i * page_size;
		uint64_t buffer = vfio->buffer + i * page_size;

		if (pin->sample[i])
			err = edu_copy(&vfio->edu, write ? buffer : region, write ? region : buffer,
				       page_size, why);
	}
	return err;
}

static int vfio_device_write(struct pin *pin, struct reason *why)
{
	return transfer(pin, true, why);
}

static int vfio_device_read(struct pin *pin, struct reason *why)
{
	return transfer(pin, false, why);
}

/* The last close undoes the mappings. */
static void vfio_drop(struct pin *pin)
{
	struct vfio *vfio = pin->private;

	if (!vfio)
		return;
	close_fd(&vfio->device);
	close_fd(&vfio->group);
	close_fd(&vfio->container);
}

#define VFIO_MODULES "vfio_iommu_type1 vfio-pci"

const struct pin_ops pin_vfio = {
	.name = "vfio",
	.help = "VFIO type 1 mapping; DMA of QEMU's edu is the device",
	.held_by = "a VFIO mapping for DMA",
	.directions = DEVICE_WRITES | DEVICE_READS,
	.modules = VFIO_MODULES,
	.level = LEVEL_SELECTED,
	.write_pin = true,
	.sampled = true,
	.class = vfio_class,
	.probe = vfio_probe,
	.open = vfio_open,
	.take = vfio_take,
	.device_write = vfio_device_write,
	.device_read = vfio_device_read,
	.drop = vfio_drop,
};

const struct pin_ops pin_vfio_ro = {
	.name = "vfio-ro",
	.help = "VFIO type 1 mapping that the device may only read; DMA of QEMU's edu",
	.held_by = "a read-only VFIO mapping for DMA",
	.directions = DEVICE_READS,
	.modules = VFIO_MODULES,
	.level = LEVEL_SELECTED,
	.sampled = true,
	.class = vfio_class,
	.probe = vfio_probe,
	.open = vfio_open,
	.take = vfio_take,
	.device_read = vfio_device_read,
	.drop = vfio_drop,
};
