// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/probe/segments.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "util/io.h"

static int read_header(int fd, Elf64_Ehdr *header)
{
	int err = pread_all(fd, header, sizeof(*header), 0);

	if (err)
		return err;
	if (memcmp(header->e_ident, ELFMAG, SELFMAG) || header->e_ident[EI_CLASS] != ELFCLASS64 ||
	    header->e_ident[EI_DATA] != ELFDATA2LSB || header->e_phentsize != sizeof(Elf64_Phdr) ||
	    header->e_phoff > INT64_MAX / 2)
		return -ENOEXEC;
	return 0;
}

/* A range that runs over the end of addresses, or of the file, is none. */
static int is_sane(const Elf64_Phdr *header)
{
	return header->p_type == PT_LOAD && header->p_filesz &&
	       header->p_vaddr <= UINT64_MAX - header->p_filesz &&
	       header->p_offset <= (uint64_t)INT64_MAX - header->p_filesz &&
	       header->p_filesz <= INT64_MAX;
}

struct segments *segments_read(int fd, struct reason *why)
{
	struct segments *segments = NULL;
	Elf64_Phdr *headers = NULL;
	Elf64_Ehdr elf;
	int err;

	err = read_header(fd, &elf);
	if (!err) {
		headers = calloc((size_t)elf.e_phnum + 1, sizeof(*headers));
		segments = calloc(1, sizeof(*segments) + elf.e_phnum * sizeof(segments->list[0]));
		err = headers && segments ? 0 : -ENOMEM;
	}
	if (!err)
		err = pread_all(fd, headers, elf.e_phnum * sizeof(*headers), (off_t)elf.e_phoff);
	for (size_t i = 0; !err && i < elf.e_phnum; i++) {
		if (!is_sane(&headers[i]))
			continue;
		segments->list[segments->count++] = (struct segment){
			.start = headers[i].p_vaddr,
			.size = headers[i].p_filesz,
			.offset = (off_t)headers[i].p_offset,
		};
	}
	free(headers);
	if (!err)
		return segments;
	fail_errno(why, -err, "headers of an ELF core file");
	free(segments);
	return NULL;
}

off_t segments_offset(const struct segments *segments, uint64_t address, size_t size)
{
	for (size_t i = 0; i < segments->count; i++) {
		const struct segment *segment = &segments->list[i];
		uint64_t at = address - segment->start;

		if (address >= segment->start && at < segment->size && size <= segment->size - at)
			return segment->offset + (off_t)at;
	}
	return -1;
}
