// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * O_DIRECT reads of the user's own file or block device (--file), on the file
 * system that it is on. Nothing here can hold them: this pin is raced. What the
 * device writes is what the file holds, which is read before, and again after.
 * The file is opened for reading only.
 *
 * The block layer took FOLL_GET until Linux 6.4 and takes FOLL_PIN since 6.5
 * (a7e689dd1c06; 1ccf164ec866 for fs/direct-io.c), CIFS since 6.3
 * (d08089f649a0), FUSE since 6.9 (738adade96b2), netfs no later than 6.12; NFS
 * and Ceph take FOLL_GET up to 7.3.
 *
 * Kernel AIO and no thread: io_submit(2) returns when the pages are pinned and
 * the I/O is on its way (Documentation/filesystems/iomap/operations.rst).
 */
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host/host.h"
#include "memory/memory.h"
#include "pins/pins.h"
#include "races/races.h"
#include "util/io.h"

/*
 * Of each page the device writes what is before the CPU's mark: which of the two
 * comes first then makes no difference to the bytes.
 */
#define PART CPU_MARK_OFFSET

/* Parts that one I/O reads: UIO_MAXIOV. */
#define PARTS 1024

/* Pages that an I/O of its own reads before and after what counts. */
#define AROUND 64

struct file_io {
	int fd;
	size_t size;            /* of the region, and read of the file */
	unsigned char *content; /* the first @size bytes of the file */
	unsigned char *around;  /* a page for bytes that do not count */
	aio_context_t context;
	unsigned ios, submitted, done;
	struct iocb *io;    /* of @ios */
	struct iovec *part; /* one a page */
	struct reason failed;
	int err; /* of an I/O, 0: none */
};

static enum pin_class file_class(const struct host *host)
{
	static const unsigned pin_since[] = {
		[FILE_LAYER_BLOCK] = KERNEL(6, 5), [FILE_LAYER_FUSE] = KERNEL(6, 9),
		[FILE_LAYER_CIFS] = KERNEL(6, 3),  [FILE_LAYER_NETFS] = KERNEL(6, 12),
		[FILE_LAYER_GET] = KERNEL(255, 0), [FILE_LAYER_COPY] = KERNEL(6, 5),
	};

	return host->kernel < pin_since[host->file.layer] ? PIN_CLASS_GET : PIN_CLASS_PIN;
}

static int file_probe(const struct host *host, struct reason *why)
{
	if (!host->file.path)
		return fail(why, ENOENT, "no file to read was named: thpin repro --file PATH");
	if (host->file.layer == FILE_LAYER_COPY)
		return fail(why, ENOTSUP,
			    "%s copies for O_DIRECT and pins nothing: name a file on a disk",
			    host->file.type);
	return 0;
}

/* What this process has had read from devices, bytes; -1: not known. */
static int64_t storage_bytes(void)
{
	const char *line;
	int64_t bytes = -1;
	char *text;

	/* Documentation/filesystems/proc.rst; CONFIG_TASK_IO_ACCOUNTING */
	if (read_text("/proc/self/io", &text, NULL))
		return -1;
	line = strstr(text, "\nread_bytes: ");
	if (line)
		bytes = strtoll(line + strlen("\nread_bytes: "), NULL, 10);
	free(text);
	return bytes;
}

static int read_content(const struct file_io *file, const struct host *host, unsigned char *to,
			struct reason *why)
{
	int err = pread_all(file->fd, to, file->size, 0);

	return err ? fail_errno(why, -err, "O_DIRECT read of %zu bytes of %s", file->size,
				host->file.path) :
		     0;
}

/*
 * Reads of a hole, or of a file that the file system only has in the page cache
 * (compressed, encrypted, inline), are copies made by the CPU: nothing is pinned.
 */
static int check_direct(const struct file_io *file, const struct host *host, struct reason *why)
{
	int64_t before = storage_bytes(), after;
	int err = read_content(file, host, file->content, why);

	after = storage_bytes();
	if (err || before < 0 || after < 0 || host->file.layer != FILE_LAYER_BLOCK)
		return err;
	if (after - before < (int64_t)file->size)
		return fail(why, ENOTSUP,
			    "only %lld of %zu bytes of %s came from a device (a hole, or compressed?): name another file",
			    (long long)(after - before), file->size, host->file.path);
	return 0;
}

/* The smallest I/O that the file takes; 0: none that leaves room in a page. */
static size_t smallest_io(const struct file_io *file)
{
	for (size_t size = 512; size <= PART; size *= 2)
		if (pread(file->fd, file->content, size, (off_t)size) == (ssize_t)size)
			return size;
	return 0;
}

static int file_open(struct pin *pin, size_t size, struct reason *why)
{
	const struct host *host = pin->host;
	struct file_io *file = calloc(1, sizeof(*file));
	void *content = NULL;
	int err;

	if (!file)
		return fail_errno(why, ENOMEM, "O_DIRECT");
	file->fd = -1;
	file->size = size;
	pin->private = file;
	if (host->file.size < size)
		return fail(why, ENOTSUP,
			    "%s has %llu KiB and the region %zu: name a larger file, or a smaller --size",
			    host->file.path, (unsigned long long)host->file.size / 1024,
			    size / 1024);
	file->fd = open(host->file.path, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (file->fd < 0)
		return errno == EINVAL ? fail(why, ENOTSUP, "%s: %s has no O_DIRECT here",
					      host->file.path, host->file.type) :
					 fail_errno(why, errno, "%s, O_DIRECT", host->file.path);
	if (posix_memalign(&content, host->page_size, size))
		return fail_errno(why, ENOMEM, "%zu bytes", size);
	file->content = content;
	/* Shared, so that no fork() makes work for it. */
	file->around = mmap(NULL, host->page_size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (file->around == MAP_FAILED)
		return fail_errno(why, errno, "%zu bytes", host->page_size);
	pin->io_size = smallest_io(file);
	if (!pin->io_size)
		return fail(why, ENOTSUP,
			    "%s takes no O_DIRECT read of less than a page: no two could share one",
			    host->file.path);
	/* The first one may have filled the page cache. */
	err = check_direct(file, host, why);
	if (!err)
		err = check_direct(file, host, why);
	if (!err)
		memcpy(pin->device, file->content, size);
	return err;
}

static int changed(const struct host *host, struct reason *why)
{
	return fail(why, ENOTSUP, "%s changes while it is read: name a file that nobody writes to",
		    host->file.path);
}

/* A discard gives zeros: they must not pass for what the device wrote. */
static bool only_zeros(const struct file_io *file)
{
	size_t at = 0;

	while (at < file->size && !file->content[at])
		at++;
	return at == file->size;
}

/* Take the ends of those I/Os that have come to theirs, or of all. */
static void collect(struct file_io *file, bool all)
{
	struct io_event event;

	while (file->done < file->submitted &&
	       syscall(SYS_io_getevents, file->context, (long)all, 1L, &event, NULL) == 1) {
		const struct iocb *io = (const struct iocb *)(uintptr_t)event.obj;
		int64_t wanted = (int64_t)io->aio_nbytes * PART;

		file->done++;
		if (event.res < 0)
			file->err = fail_errno(&file->failed, (int)-event.res, "O_DIRECT read");
		else if (event.res != wanted)
			file->err = fail(&file->failed, EIO, "O_DIRECT read of %lld of %lld bytes",
					 (long long)event.res, (long long)wanted);
	}
}

/* Wait for all; returns 0, or the -errno of one that failed. */
static int end_all(struct file_io *file, struct reason *why)
{
	collect(file, true);
	if (file->err)
		*why = file->failed;
	return file->err;
}

static int prepare(struct file_io *file, const struct region *region, struct reason *why)
{
	file->ios = (region->pages + PARTS - 1) / PARTS;
	file->part = calloc(region->pages, sizeof(*file->part));
	file->io = calloc(file->ios, sizeof(*file->io));
	if (!file->part || !file->io)
		return fail_errno(why, ENOMEM, "%u pages", region->pages);
	if (syscall(SYS_io_setup, file->ios, &file->context))
		return fail_errno(why, errno, "io_setup (see sysctl fs.aio-max-nr)");
	for (unsigned i = 0; i < region->pages; i++)
		file->part[i] = (struct iovec){ region->page[i], PART };
	for (unsigned i = 0; i < file->ios; i++) {
		unsigned first = i * PARTS, left = region->pages - first;

		file->io[i] = (struct iocb){
			.aio_lio_opcode = IOCB_CMD_PREADV,
			.aio_fildes = (uint32_t)file->fd,
			.aio_buf = (uintptr_t)&file->part[first],
			.aio_nbytes = left < PARTS ? left : PARTS,
			.aio_offset = (int64_t)first * PART,
		};
	}
	return 0;
}

/* Again and again in some races: what went before is then waited for. */
static int file_take(struct pin *pin, struct region *region, struct reason *why)
{
	struct file_io *file = pin->private;
	int err;

	if (only_zeros(file))
		return fail(why, ENOTSUP, "%s holds zeros only: name another file",
			    pin->host->file.path);
	err = file->context ? end_all(file, why) : prepare(file, region, why);
	if (err)
		return err;
	file->submitted = file->done = 0;
	while (file->submitted < file->ios) {
		struct iocb *io = &file->io[file->submitted];

		if (syscall(SYS_io_submit, file->context, 1L, &io) != 1)
			return fail_errno(why, errno, "io_submit");
		file->submitted++;
	}
	return 0;
}

static bool file_in_flight(struct pin *pin)
{
	struct file_io *file = pin->private;

	collect(file, false);
	return file->done < file->submitted;
}

/* The CPU's part of each page is compared with itself. */
static int file_device_write(struct pin *pin, struct reason *why)
{
	struct file_io *file = pin->private;
	const struct region *region = pin->region;
	size_t page_size = region->page_size;
	void *again = NULL;
	int err = end_all(file, why);

	if (err)
		return err;
	if (posix_memalign(&again, page_size, file->size))
		return fail_errno(why, ENOMEM, "%zu bytes", file->size);
	err = read_content(file, pin->host, again, why);
	if (!err && memcmp(again, file->content, file->size))
		err = changed(pin->host, why);
	free(again);
	for (unsigned i = 0; i < region->pages; i++) {
		unsigned char *device = pin->device + i * page_size;

		memcpy(device, file->content + (size_t)i * PART, PART);
		if (region->page[i])
			memcpy(device + PART, region->page[i] + PART, page_size - PART);
	}
	return err;
}

/*
 * The part that counts is in the middle of a read that takes long: pages of an
 * I/O are all pinned before the first byte arrives. What is around it all goes
 * to one shared page.
 */
static int file_one_io(struct pin *pin, unsigned char *at, size_t size, struct reason *why)
{
	const struct file_io *file = pin->private;
	size_t page_size = pin->host->page_size, offset = (size_t)(at - pin->region->base);
	size_t before = offset / page_size, after = (file->size - offset - size) / page_size;
	struct iovec part[2 * AROUND + 1];
	size_t wanted = size;
	unsigned parts = 0;
	ssize_t done;

	before = before < AROUND ? before : AROUND;
	after = after < AROUND ? after : AROUND;
	for (size_t i = 0; i < before + 1 + after; i++) {
		part[parts++] = i == before ? (struct iovec){ at, size } :
					      (struct iovec){ file->around, page_size };
		wanted += i == before ? 0 : page_size;
	}
	do
		done = preadv(file->fd, part, (int)parts, (off_t)(offset - before * page_size));
	while (done < 0 && errno == EINTR);
	if (done < 0)
		return fail_errno(why, errno, "O_DIRECT read of %s", pin->host->file.path);
	if ((size_t)done != wanted)
		return fail(why, EIO, "O_DIRECT read of %zd of %zu bytes of %s", done, wanted,
			    pin->host->file.path);
	return 0;
}

static int file_verify(struct pin *pin, const unsigned char *at, size_t size, struct reason *why)
{
	const struct file_io *file = pin->private;
	off_t offset = at - pin->region->base;
	void *again = NULL;
	int err;

	if (posix_memalign(&again, pin->region->page_size, size))
		return fail_errno(why, ENOMEM, "%zu bytes", size);
	err = pread_all(file->fd, again, size, offset);
	if (err)
		err = fail_errno(why, -err, "O_DIRECT read of %s", pin->host->file.path);
	else if (memcmp(again, pin->device + offset, size))
		err = changed(pin->host, why);
	free(again);
	return err;
}

static void file_drop(struct pin *pin)
{
	struct file_io *file = pin->private;

	if (!file)
		return;
	/* Waits for what is on the way. */
	if (file->context)
		syscall(SYS_io_destroy, file->context);
	close_fd(&file->fd);
}

const struct pin_ops pin_odirect_file = {
	.name = "odirect-file",
	.help = "O_DIRECT reads of a file or block device of yours (--file), not held",
	.held_by = "an O_DIRECT read of a file on its way",
	.directions = DEVICE_WRITES,
	.level = LEVEL_SELECTED,
	.write_pin = true,
	.reads_file = true,
	.class = file_class,
	.probe = file_probe,
	.open = file_open,
	.take = file_take,
	.device_write = file_device_write,
	.in_flight = file_in_flight,
	.io = file_one_io,
	.verify = file_verify,
	.drop = file_drop,
};
