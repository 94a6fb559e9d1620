// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A bzImage and the ELF image in it: Documentation/arch/x86/boot.rst (setup_sects,
 * payload_offset, payload_length). PVH: Documentation/arch/x86/boot.rst of QEMU
 * and Xen's public/elfnote.h; Linux has that entry point with CONFIG_PVH, since
 * 4.21, and QEMU takes it since 4.0.
 */
#include "boot/kernel.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot/unpack.h"
#include "util/io.h"

/* Offsets in a bzImage. */
#define SETUP_SECTS 0x1f1
#define HEADER_MAGIC 0x202 /* "HdrS" */
#define VERSION 0x206
#define PAYLOAD_OFFSET 0x248 /* since protocol 2.08 */
#define PAYLOAD_LENGTH 0x24c
#define HEADER_END 0x250

/* Xen's name for the note with the 32-bit entry point. */
#define XEN_ELFNOTE_PHYS32_ENTRY 18

static uint32_t get32(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static size_t align4(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static bool notes_have_pvh(const char *notes, size_t size)
{
	size_t at = 0;

	while (at <= size && size - at >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr note;
		size_t name = at + sizeof(note);

		memcpy(&note, notes + at, sizeof(note));
		at = name + align4(note.n_namesz) + align4(note.n_descsz);
		if (at <= size && note.n_namesz == 4 && !memcmp(notes + name, "Xen", 4) &&
		    note.n_type == XEN_ELFNOTE_PHYS32_ENTRY)
			return true;
	}
	return false;
}

static bool has_pvh(const char *image, size_t size)
{
	Elf64_Ehdr head;

	if (size < sizeof(head))
		return false;
	memcpy(&head, image, sizeof(head));
	if (memcmp(head.e_ident, ELFMAG, SELFMAG) || head.e_ident[EI_CLASS] != ELFCLASS64)
		return false;
	for (unsigned i = 0; i < head.e_phnum; i++) {
		size_t at = head.e_phoff + i * sizeof(Elf64_Phdr);
		Elf64_Phdr part;

		if (at > size - sizeof(part) || size < sizeof(part))
			return false;
		memcpy(&part, image + at, sizeof(part));
		if (part.p_type == PT_NOTE && part.p_offset <= size &&
		    part.p_filesz <= size - part.p_offset &&
		    notes_have_pvh(image + part.p_offset, part.p_filesz))
			return true;
	}
	return false;
}

/* The compressed image in a bzImage. False: there is none that could be found. */
static bool find_payload(const unsigned char *file, size_t size, const unsigned char **payload,
			 size_t *payload_size)
{
	unsigned sectors = file[SETUP_SECTS] ? file[SETUP_SECTS] : 4;
	size_t at = (sectors + 1) * (size_t)512 + get32(file + PAYLOAD_OFFSET);
	size_t length = get32(file + PAYLOAD_LENGTH);

	if (file[VERSION] + 256u * file[VERSION + 1] < 0x208 || length < 16 || at > size ||
	    length > size - at)
		return false;
	*payload = file + at;
	*payload_size = length;
	/* All but gzip have the unpacked size put after their data. */
	if (memcmp(*payload, "\037\213", 2))
		*payload_size -= 4;
	return true;
}

/* A descriptor with the ELF image of a bzImage, or -1 when it has to boot as it is. */
static int unpack_image(const unsigned char *file, size_t size)
{
	const unsigned char *payload;
	struct reason ignored;
	size_t payload_size, image_size;
	char *image;
	int fd = -1;

	if (!find_payload(file, size, &payload, &payload_size) ||
	    unpack(payload, payload_size, &image, &image_size, &ignored))
		return -1;
	if (has_pvh(image, image_size))
		fd = memfd_create("thpin-kernel", MFD_CLOEXEC);
	if (fd >= 0 && write_all(fd, image, image_size))
		close_fd(&fd);
	free(image);
	return fd;
}

int kernel_open(const char *path, struct reason *why)
{
	struct stat state;
	unsigned char *file;
	size_t size;
	int fd, err;

	/* It is read twice, and as a whole. */
	if (!stat(path, &state) && !S_ISREG(state.st_mode))
		return fail(why, ENOEXEC, "--kernel %s is no regular file", path);
	err = read_text(path, (char **)&file, &size);
	if (err)
		return fail_errno(why, -err, "--kernel %s", path);
	fd = -1;
	if (size >= HEADER_END && !memcmp(file + HEADER_MAGIC, "HdrS", 4))
		fd = unpack_image(file, size);
	else if (size < HEADER_END || memcmp(file, ELFMAG, SELFMAG))
		err = fail(why, ENOEXEC, "--kernel %s is not a kernel (no x86 boot header)", path);
	free(file);
	if (err || fd >= 0)
		return err ? err : fd;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? fail_errno(why, errno, "--kernel %s", path) : fd;
}
