// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum transfer { READ, WRITE, PREAD, PWRITE };

static int transfer_all(enum transfer kind, int fd, unsigned char *data, size_t size, off_t offset)
{
	while (size) {
		ssize_t n = -1;

		switch (kind) {
		case READ:
			n = read(fd, data, size);
			break;
		case WRITE:
			n = write(fd, data, size);
			break;
		case PREAD:
			n = pread(fd, data, size, offset);
			break;
		case PWRITE:
			n = pwrite(fd, data, size, offset);
			break;
		}
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (n == 0)
			return -ENODATA;
		data += n;
		size -= (size_t)n;
		offset += n;
	}
	return 0;
}

int read_all(int fd, void *data, size_t size)
{
	return transfer_all(READ, fd, data, size, 0);
}

int write_all(int fd, const void *data, size_t size)
{
	return transfer_all(WRITE, fd, (void *)data, size, 0);
}

int pread_all(int fd, void *data, size_t size, off_t offset)
{
	return transfer_all(PREAD, fd, data, size, offset);
}

int pwrite_all(int fd, const void *data, size_t size, off_t offset)
{
	return transfer_all(PWRITE, fd, (void *)data, size, offset);
}

int read_text_fd(int fd, char **text, size_t *size)
{
	size_t used = 0, room = 0;
	char *buffer = NULL;
	int err = 0;

	for (;;) {
		ssize_t n;

		if (room - used < 2048) {
			size_t more = room ? 2 * room : 8192;
			char *grown = realloc(buffer, more);

			if (!grown) {
				err = -ENOMEM;
				break;
			}
			buffer = grown;
			room = more;
		}
		n = read(fd, buffer + used, room - used - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err = -errno;
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	if (err) {
		free(buffer);
		return err;
	}
	buffer[used] = '\0';
	*text = buffer;
	if (size)
		*size = used;
	return 0;
}

int read_text(const char *path, char **text, size_t *size)
{
	int fd, err;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = read_text_fd(fd, text, size);
	close(fd);
	return err;
}

int write_text(const char *path, const char *text)
{
	int fd, err;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write_all(fd, text, strlen(text));
	close(fd);
	return err;
}

void close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
