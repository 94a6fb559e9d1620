// SPDX-License-Identifier: GPL-2.0-or-later
#include <elf.h>
#include <sys/mman.h>
#include <unistd.h>

#include "inspect/probe/segments.h"
#include "tap.h"
#include "util/io.h"

/* As /proc/kcore of Linux 6.1 begins, in fewer parts. */
static const Elf64_Phdr parts[] = {
	{ .p_type = PT_NOTE, .p_offset = 0x400, .p_filesz = 0x100 },
	{ .p_type = PT_LOAD, .p_vaddr = 0xffffffffa7000000, .p_filesz = 0x2000, .p_offset = 0x3000 },
	{ .p_type = PT_LOAD, .p_vaddr = 0xffff9e1140000000, .p_filesz = 0x1000, .p_offset = 0x9000 },
	{ .p_type = PT_LOAD, .p_vaddr = 0xfffff70000000000, .p_filesz = 0 },
	{ .p_type = PT_LOAD, .p_vaddr = 0xfffffffffffff000, .p_filesz = 0x2000 },
	{ .p_type = PT_LOAD, .p_vaddr = 0x1000, .p_filesz = 0x1000, .p_offset = INT64_MAX },
};

#define COUNT (sizeof(parts) / sizeof(parts[0]))

static int make_file(const Elf64_Ehdr *header, size_t count)
{
	int fd = memfd_create("thpin-test", MFD_CLOEXEC);

	if (fd < 0 || pwrite_all(fd, header, sizeof(*header), 0) ||
	    pwrite_all(fd, parts, count * sizeof(parts[0]), sizeof(*header)))
		bail_out("memfd");
	return fd;
}

/* Whether a file with this header is refused. */
static bool refused(const Elf64_Ehdr *header, size_t count)
{
	int fd = make_file(header, count);
	struct reason why = { "" };
	struct segments *segments = segments_read(fd, &why);

	free(segments);
	close(fd);
	return !segments && why.text[0];
}

int main(void)
{
	const Elf64_Ehdr good = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB },
		.e_phoff = sizeof(good),
		.e_phentsize = sizeof(parts[0]),
		.e_phnum = COUNT,
	};
	Elf64_Ehdr bad = good;
	struct segments *segments;
	struct reason why;
	int fd = make_file(&good, COUNT);

	segments = segments_read(fd, &why);
	close(fd);
	if (!segments)
		bail_out("%s", why.text);
	is_int((int64_t)segments->count, 2, "what is memory, and can be");
	is_int(segments_offset(segments, 0xffffffffa7000000, 8), 0x3000, "the first byte");
	is_int(segments_offset(segments, 0xffffffffa7001ff8, 8), 0x4ff8, "the last ones");
	is_int(segments_offset(segments, 0xffffffffa7001ff9, 8), -1, "over the end");
	is_int(segments_offset(segments, 0xffffffffa6ffffff, 8), -1, "before the start");
	is_int(segments_offset(segments, 0xffff9e1140000010, 16), 0x9010, "in the second");
	is_int(segments_offset(segments, 0xffff9e1140000000, SIZE_MAX), -1, "more than there is");
	is_int(segments_offset(segments, 0, 0), -1, "nowhere");
	free(segments);

	ok(!refused(&good, COUNT), "this is a core file");
	ok(refused(&good, COUNT - 1), "one that is too short is not");
	bad.e_ident[0] = 'X';
	ok(refused(&bad, COUNT), "nor what is no ELF");
	bad = good;
	bad.e_ident[EI_CLASS] = ELFCLASS32;
	ok(refused(&bad, COUNT), "nor one of 32 bits");
	bad = good;
	bad.e_phentsize = 1;
	ok(refused(&bad, COUNT), "nor one with other headers");
	bad = good;
	bad.e_phoff = UINT64_MAX;
	ok(refused(&bad, COUNT), "nor one whose headers are nowhere");
	return done_testing();
}
