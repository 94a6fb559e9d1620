// SPDX-License-Identifier: GPL-2.0-or-later
#include <dlfcn.h>
#include <elf.h>
#include <glob.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "boot/boot.h"
#include "boot/cpio.h"
#include "boot/modules.h"
#include "boot/unpack.h"
#include "config.h"
#include "host/event_names.h"
#include "pins/pins.h"
#include "races/races.h"
#include "util/io.h"

/* Directories that are there already; parents come before their children. */
struct making {
	struct cpio cpio;
	char made[64][128];
	unsigned made_count;
	int err;
};

static int make_directory(struct making *making, const char *path)
{
	for (unsigned i = 0; i < making->made_count; i++)
		if (!strcmp(making->made[i], path))
			return 0;
	if (making->made_count == sizeof(making->made) / sizeof(making->made[0]) ||
	    strlen(path) >= sizeof(making->made[0]))
		return -ENAMETOOLONG;
	memcpy(making->made[making->made_count++], path, strlen(path) + 1);
	return cpio_directory(&making->cpio, path);
}

static int make_parents(struct making *making, const char *path)
{
	char parent[128];
	int err = 0;

	for (const char *slash = strchr(path, '/'); !err && slash; slash = strchr(slash + 1, '/')) {
		size_t length = (size_t)(slash - path);

		if (length >= sizeof(parent))
			return -ENAMETOOLONG;
		memcpy(parent, path, length);
		parent[length] = '\0';
		err = make_directory(making, parent);
	}
	return err;
}

/* A file of this machine at the same place in the guest. */
static int copy_file(struct making *making, const char *path, mode_t mode)
{
	int err = make_parents(making, path + 1);

	return err ? err : cpio_file(&making->cpio, path, mode, path);
}

/*
 * The shared libraries are those that this process has loaded: what ldd(1)
 * would say, without running it.
 */
static int copy_library(struct dl_phdr_info *info, size_t size, void *data)
{
	struct making *making = data;

	(void)size;
	/* Neither the program itself nor the vDSO has a path. */
	if (info->dlpi_name[0] == '/' && !making->err)
		making->err = copy_file(making, info->dlpi_name, 0755);
	return making->err;
}

/* Call @act with each of the blank-separated @words, until it fails. */
static int for_each_word(const char *words, int (*act)(struct making *making, const char *word),
			 struct making *making)
{
	char word[128];
	int used, err = 0;

	while (!err && words && sscanf(words, " %127s%n", word, &used) == 1) {
		err = act(making, word);
		words += used;
	}
	return err;
}

/* One that is not there is missed, with a reason, by who needs it. */
static int load_library(struct making *making, const char *soname)
{
	(void)making;
	dlopen(soname, RTLD_NOW | RTLD_NODELETE);
	return 0;
}

static int copy_files(struct making *making, const char *pattern)
{
	glob_t found;
	int err = 0;

	if (glob(pattern, 0, NULL, &found))
		return 0;
	for (size_t i = 0; !err && i < found.gl_pathc; i++)
		err = copy_file(making, found.gl_pathv[i], 0755);
	globfree(&found);
	return err;
}

/* Libraries that thpin loads when it needs them are then among those of this process. */
static int load_libraries(struct making *making, struct reason *why)
{
	int err = 0;

	if (HAVE_LIBPFM)
		load_library(making, LIBPFM);
	for (size_t i = 0; !err && i < pin_list_count; i++) {
		for_each_word(pin_list[i]->libraries, load_library, making);
		err = for_each_word(pin_list[i]->files, copy_files, making);
	}
	return err ? fail_errno(why, -err, "cannot copy the files of a pin") : 0;
}

static int copy_program(struct making *making, struct reason *why)
{
	making->err = cpio_file(&making->cpio, GUEST_THPIN, 0755, "/proc/self/exe");
	if (!making->err)
		dl_iterate_phdr(copy_library, making);
	return making->err ? fail_errno(why, -making->err, "cannot copy thpin and its libraries") :
			     0;
}

/* What the cases need; what they have in common is found twice and loaded once. */
static char *wanted_modules(const struct boot_plan *plan)
{
	const struct selection *cases = plan->cases;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	for (size_t i = 0; i < pin_list_count; i++)
		if (pin_list[i]->modules && (!cases || selects_any(cases, pin_list[i], NULL, NULL)))
			fprintf(stream, "%s ", pin_list[i]->modules);
	for (size_t i = 0; i < memory_list_count; i++)
		if (memory_list[i]->modules &&
		    (!cases || selects_any(cases, NULL, memory_list[i], NULL)))
			fprintf(stream, "%s ", memory_list[i]->modules);
	for (size_t i = 0; i < race_list_count; i++)
		if (race_list[i]->modules &&
		    (!cases || selects_any(cases, NULL, NULL, race_list[i])))
			fprintf(stream, "%s ", race_list[i]->modules);
	if (plan->disk)
		fputs("crc32c_generic virtio_pci virtio_blk ext4 xfs btrfs", stream);
	return fclose(stream) ? NULL : text;
}

/* Decompressed: that is slow in the guest, and libkmod there would be many libraries. */
static int copy_module(struct making *making, const char *path, const char *source,
		       struct reason *why)
{
	char *file, *module;
	size_t size;
	int err = make_parents(making, path);

	if (!err)
		err = read_text(source, &file, &size);
	if (err)
		return fail_errno(why, -err, "%s", source);
	if (size >= SELFMAG && !memcmp(file, ELFMAG, SELFMAG)) {
		module = file;
		file = NULL;
	} else {
		err = unpack(file, size, &module, &size, why);
	}
	free(file);
	if (err)
		return err;
	err = cpio_data(&making->cpio, path, 0644, module, size);
	free(module);
	return err ? fail_errno(why, -err, "%s", source) : 0;
}

static int copy_modules(struct making *making, const struct boot_plan *plan, struct reason *why)
{
	struct module_list list = { .count = 0 };
	char *names = wanted_modules(plan), *order = NULL;
	FILE *stream;
	size_t size;
	int err;

	if (!names)
		return fail_errno(why, ENOMEM, "modules");
	err = plan->modules ? modules_find(plan->modules, names, &list, why) : 0;
	free(names);
	if (err)
		return err;
	stream = open_memstream(&order, &size);
	if (!stream)
		err = fail_errno(why, ENOMEM, "modules");
	for (size_t i = 0; !err && i < list.count; i++) {
		const char *base = strrchr(list.path[i], '/');
		char path[128];

		base = base ? base + 1 : list.path[i];
		snprintf(path, sizeof(path), "modules/%s", base);
		err = copy_module(making, path, list.path[i], why);
		fprintf(stream, "/%s\n", path);
	}
	if (stream)
		fclose(stream);
	if (!err && cpio_data(&making->cpio, GUEST_MODULES, 0644, order, strlen(order)))
		err = fail_errno(why, EIO, "cannot make the initramfs");
	free(order);
	modules_free(&list);
	return err;
}

static int put_arguments(struct making *making, const struct boot_plan *plan)
{
	char *text = NULL;
	FILE *stream;
	size_t size;
	int err;

	stream = open_memstream(&text, &size);
	if (!stream)
		return -ENOMEM;
	for (char **argument = plan->argv; *argument; argument++)
		fwrite(*argument, strlen(*argument) + 1, 1, stream);
	err = fclose(stream) ? -ENOMEM : 0;
	if (!err)
		err = cpio_data(&making->cpio, GUEST_ARGUMENTS, 0644, text, size);
	free(text);
	return err;
}

static int fill(struct making *making, const struct boot_plan *plan, struct reason *why)
{
	static const char *const directories[] = { "dev", "proc", "sys", "tmp" };
	const char *options = plan->swap ? "swap" : "";
	int err = 0;

	for (unsigned i = 0; !err && i < sizeof(directories) / sizeof(directories[0]); i++)
		err = make_directory(making, directories[i]);
	if (!err && plan->disk)
		err = make_directory(making, &GUEST_DISK[1]);
	/* The kernel opens it for PID 1 before anything is mounted. */
	if (!err)
		err = cpio_node(&making->cpio, "dev/console", 5, 1);
	if (!err)
		err = put_arguments(making, plan);
	if (!err)
		err = cpio_data(&making->cpio, GUEST_OPTIONS, 0644, options, strlen(options));
	if (err)
		return fail_errno(why, -err, "cannot make the initramfs");
	/* The program first: what the modules need loads more libraries, for here only. */
	err = load_libraries(making, why);
	if (!err)
		err = copy_program(making, why);
	if (!err)
		err = copy_modules(making, plan, why);
	if (!err && cpio_end(&making->cpio))
		err = fail_errno(why, EIO, "cannot make the initramfs");
	return err;
}

int initramfs_make(const struct boot_plan *plan, struct reason *why)
{
	struct making *making;
	int fd, err;

#ifndef __x86_64__
	return fail(why, ENOTSUP, "a guest is a PC and runs this very thpin: x86-64 only");
#endif
	fd = memfd_create("thpin-initramfs", 0); /* QEMU inherits it */
	if (fd < 0)
		return fail_errno(why, errno, "memfd_create");
	making = calloc(1, sizeof(*making));
	if (!making) {
		close(fd);
		return fail_errno(why, ENOMEM, "initramfs");
	}
	making->cpio.stream = fdopen(dup(fd), "w");
	err = making->cpio.stream ? fill(making, plan, why) : fail_errno(why, errno, "initramfs");
	if (making->cpio.stream)
		fclose(making->cpio.stream);
	free(making);
	if (!err)
		return fd;
	close(fd);
	return err;
}
