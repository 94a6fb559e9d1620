// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * udmabuf: pages of a memfd as a dma-buf, <linux/udmabuf.h>. It held page references
 * until Linux 6.10 and pins with FOLL_PIN | FOLL_LONGTERM since 6.11 (c6a3194c05e7,
 * "udmabuf: pin the pages using memfd_pin_folios() API"). A mapping of the dma-buf is
 * the DMA view: its fault handler takes the pages from the list of those that are
 * held, never from the file (drivers/dma-buf/udmabuf.c).
 */
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/udmabuf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/host.h"
#include "host/kernel_config.h"
#include "memory/memory.h"
#include "pins/pins.h"
#include "util/io.h"

#define UDMABUF_DEVICE "/dev/udmabuf"
#define SIZE_LIMIT "/sys/module/udmabuf/parameters/size_limit_mb"

struct udmabuf {
	int buffer;          /* the dma-buf */
	unsigned char *view; /* of the device, MAP_FAILED: none */
};

static enum pin_class udmabuf_class(const struct host *host)
{
	return host->kernel < KERNEL(6, 11) ? PIN_CLASS_GET : PIN_CLASS_LONGTERM;
}

static int open_device(struct reason *why)
{
	int fd = open(UDMABUF_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == ENOENT || errno == ENODEV || errno == ENXIO)
		return fail_errno(why, errno, UDMABUF_DEVICE " (needs CONFIG_UDMABUF)");
	return fail_errno(why, errno, UDMABUF_DEVICE " (needs root, or group kvm)");
}

static int udmabuf_probe(const struct host *host, struct reason *why)
{
	int fd = open_device(why);

	if (fd == -ENOENT)
		return kernel_lacks(host, "no " UDMABUF_DEVICE, "UDMABUF", "udmabuf", why);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* Bytes of one udmabuf at most; 64 MiB unless somebody has said otherwise. */
static size_t size_limit(void)
{
	size_t megabytes = 64;
	char *text;

	if (!read_text(SIZE_LIMIT, &text, NULL)) {
		megabytes = strtoul(text, NULL, 10);
		free(text);
	}
	return megabytes << 20;
}

static int create(struct udmabuf *udmabuf, const struct region *region, struct reason *why)
{
	struct udmabuf_create plan = {
		.memfd = (uint32_t)region->fd,
		.flags = UDMABUF_FLAGS_CLOEXEC,
		.size = region->size,
	};
	int device, err = 0;

	/* So that the file cannot be truncated below it; a hole can still be punched. */
	if (fcntl(region->fd, F_ADD_SEALS, F_SEAL_SHRINK))
		return fail_errno(why, errno, "F_SEAL_SHRINK of the memfd");
	device = open_device(why);
	if (device < 0)
		return device;
	udmabuf->buffer = ioctl(device, UDMABUF_CREATE, &plan);
	if (udmabuf->buffer < 0 && errno == EINVAL && region->size > size_limit())
		err = fail(why, ENOTSUP,
			   "a udmabuf has at most %zu MiB (smaller --size, or a larger " SIZE_LIMIT
			   ")",
			   size_limit() >> 20);
	else if (udmabuf->buffer < 0)
		err = fail_errno(why, errno, "UDMABUF_CREATE of %zu KiB", region->size / 1024);
	close_fd(&device);
	return err;
}

static int udmabuf_take(struct pin *pin, struct region *region, struct reason *why)
{
	struct udmabuf *udmabuf = calloc(1, sizeof(*udmabuf));
	int err;

	if (!udmabuf)
		return fail_errno(why, ENOMEM, "udmabuf");
	pin->private = udmabuf;
	udmabuf->buffer = -1;
	udmabuf->view = MAP_FAILED;
	err = create(udmabuf, region, why);
	if (err)
		return err;
	udmabuf->view = mmap(NULL, region->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			     udmabuf->buffer, 0);
	if (udmabuf->view == MAP_FAILED)
		return fail_errno(why, errno, "mmap of the dma-buf");
	return 0;
}

/* Documentation/driver-api/dma-buf.rst: around every access by the CPU. */
static int sync_buffer(const struct udmabuf *udmabuf, uint64_t flags, struct reason *why)
{
	struct dma_buf_sync sync = { .flags = flags };

	if (ioctl(udmabuf->buffer, DMA_BUF_IOCTL_SYNC, &sync))
		return fail_errno(why, errno, "DMA_BUF_IOCTL_SYNC");
	return 0;
}

static int udmabuf_device_write(struct pin *pin, struct reason *why)
{
	const struct udmabuf *udmabuf = pin->private;
	int err = sync_buffer(udmabuf, DMA_BUF_SYNC_START | DMA_BUF_SYNC_WRITE, why);

	if (err)
		return err;
	memcpy(udmabuf->view, pin->device, pin->region->size);
	return sync_buffer(udmabuf, DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE, why);
}

static int udmabuf_device_read(struct pin *pin, struct reason *why)
{
	const struct udmabuf *udmabuf = pin->private;
	int err = sync_buffer(udmabuf, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ, why);

	if (err)
		return err;
	memcpy(pin->device, udmabuf->view, pin->region->size);
	return sync_buffer(udmabuf, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ, why);
}

static void udmabuf_drop(struct pin *pin)
{
	struct udmabuf *udmabuf = pin->private;

	if (!udmabuf)
		return;
	if (udmabuf->view != MAP_FAILED)
		munmap(udmabuf->view, pin->region->size);
	close_fd(&udmabuf->buffer);
}

const struct pin_ops pin_udmabuf = {
	.name = "udmabuf",
	.help = "dma-buf of a memfd by /dev/udmabuf; a mapping of it is the device",
	.held_by = "a dma-buf of the memfd",
	.directions = DEVICE_WRITES | DEVICE_READS,
	.level = LEVEL_SELECTED,
	.needs = MEMORY_MEMFD,
	.write_pin = true,
	.class = udmabuf_class,
	.probe = udmabuf_probe,
	.take = udmabuf_take,
	.device_write = udmabuf_device_write,
	.device_read = udmabuf_device_read,
	.drop = udmabuf_drop,
};
