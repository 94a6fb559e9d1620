// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel modules by libkmod, which reads what they depend on. It is loaded
 * only when it is wanted: it would double the start-up time of the other
 * subcommands.
 */
#include "boot/modules.h"

#include <dlfcn.h>
#include <fts.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "util/library.h"

void modules_free(struct module_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->path[i]);
	free(list->path);
	*list = (struct module_list){ .count = 0 };
}

#if HAVE_LIBKMOD

#include <libkmod.h>

#define LIBKMOD "libkmod.so.2"

/* The functions that are used; each has the type that the header gives it. */
struct kmod_calls {
	__typeof__(&kmod_new) new;
	__typeof__(&kmod_unref) unref;
	__typeof__(&kmod_module_new_from_path) from_path;
	__typeof__(&kmod_module_unref) module_unref;
	__typeof__(&kmod_module_get_info) get_info;
	__typeof__(&kmod_module_info_get_key) info_key;
	__typeof__(&kmod_module_info_get_value) info_value;
	__typeof__(&kmod_module_info_free_list) info_free;
	__typeof__(&kmod_list_next) next;
	struct kmod_ctx *context;
};

#define CALL(member, function) LIBRARY_CALL(struct kmod_calls, member, function)

static const struct library_call calls_wanted[] = {
	CALL(new, kmod_new),
	CALL(unref, kmod_unref),
	CALL(from_path, kmod_module_new_from_path),
	CALL(module_unref, kmod_module_unref),
	CALL(get_info, kmod_module_get_info),
	CALL(info_key, kmod_module_info_get_key),
	CALL(info_value, kmod_module_info_get_value),
	CALL(info_free, kmod_module_info_free_list),
	CALL(next, kmod_list_next),
};

static const struct library libkmod = {
	.soname = LIBKMOD,
	.wanted_by = "kernel modules need",
	.packages = "Debian: libkmod2, Fedora: kmod-libs",
	.calls = calls_wanted,
	.count = sizeof(calls_wanted) / sizeof(calls_wanted[0]),
};

static bool same_name(const char *a, const char *b, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (a[i] != b[i] && !((a[i] == '-' || a[i] == '_') && (b[i] == '-' || b[i] == '_')))
			return false;
	return true;
}

/* All module files below a directory. */
struct files {
	char **path;
	size_t count;
};

static int add_path(char ***paths, size_t *count, const char *path)
{
	char **grown = realloc(*paths, (*count + 1) * sizeof(*grown));
	char *copy = strdup(path);

	if (grown)
		*paths = grown;
	if (!grown || !copy) {
		free(copy);
		return -ENOMEM;
	}
	grown[(*count)++] = copy;
	return 0;
}

static int list_files(const char *directory, struct files *files, struct reason *why)
{
	char *const roots[] = { (char *)directory, NULL };
	/* The directory may be a link; one below, such as build, leads out of it. */
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	FTSENT *entry;
	int err = 0;

	if (!tree)
		return fail_errno(why, errno, "%s", directory);
	while (!err && (entry = fts_read(tree)))
		if (entry->fts_info == FTS_F && strstr(entry->fts_name, ".ko"))
			err = add_path(&files->path, &files->count, entry->fts_path);
	fts_close(tree);
	if (err)
		return fail_errno(why, -err, "%s", directory);
	return files->count ? 0 :
			      fail(why, ENOENT, "there are no modules (*.ko) below %s", directory);
}

static const char *find_file(const struct files *files, const char *name, size_t length)
{
	for (size_t i = 0; i < files->count; i++) {
		const char *base = strrchr(files->path[i], '/');

		base = base ? base + 1 : files->path[i];
		if (strlen(base) > length + 2 && !strncmp(base + length, ".ko", 3) &&
		    same_name(base, name, length))
			return files->path[i];
	}
	return NULL;
}

/* "a,b,c" of the module's own .modinfo section, to be freed. */
static int read_depends(const struct kmod_calls *kmod, const char *path, char **depends,
			struct reason *why)
{
	struct kmod_list *info = NULL;
	struct kmod_module *module;
	int err;

	*depends = NULL;
	err = kmod->from_path(kmod->context, path, &module);
	if (err < 0)
		return fail_errno(why, -err, "%s", path);
	err = kmod->get_info(module, &info);
	for (struct kmod_list *at = info; at; at = kmod->next(info, at))
		if (!strcmp(kmod->info_key(at), "depends") && !*depends)
			*depends = strdup(kmod->info_value(at));
	if (info)
		kmod->info_free(info);
	kmod->module_unref(module);
	return err < 0 ? fail_errno(why, -err, "%s cannot be read", path) : 0;
}

/* Depth first, so that what a module needs comes before it. */
static int add_module(const struct kmod_calls *kmod, const struct files *files, const char *name,
		      size_t length, struct module_list *list, struct reason *why)
{
	const char *path = find_file(files, name, length);
	char *depends;
	int err;

	for (size_t i = 0; path && i < list->count; i++)
		if (!strcmp(list->path[i], path))
			return 0;
	if (!path)
		return 0;
	err = read_depends(kmod, path, &depends, why);
	for (const char *at = depends; !err && at && *at;) {
		size_t each = strcspn(at, ",");

		if (each)
			err = add_module(kmod, files, at, each, list, why);
		at += each + (at[each] == ',');
	}
	free(depends);
	if (err)
		return err;
	err = add_path(&list->path, &list->count, path);
	return err ? fail_errno(why, -err, "modules") : 0;
}

static int find_all(const struct kmod_calls *kmod, const char *directory, const char *names,
		    struct module_list *list, struct reason *why)
{
	struct files files = { .count = 0 };
	int err = list_files(directory, &files, why);

	while (!err && *names) {
		size_t length = strcspn(names, " ");

		if (length)
			err = add_module(kmod, &files, names, length, list, why);
		names += length + (names[length] == ' ');
	}
	for (size_t i = 0; i < files.count; i++)
		free(files.path[i]);
	free(files.path);
	return err;
}

int modules_find(const char *directory, const char *names, struct module_list *list,
		 struct reason *why)
{
	static const char *const no_config[] = { NULL };
	struct kmod_calls kmod;
	void *loaded = library_load(&libkmod, &kmod, why);
	int err;

	*list = (struct module_list){ .count = 0 };
	if (!loaded)
		return -ENOTSUP;
	kmod.context = kmod.new("/", no_config);
	err = kmod.context ? find_all(&kmod, directory, names, list, why) :
			     fail_errno(why, ENOMEM, LIBKMOD);
	if (kmod.context)
		kmod.unref(kmod.context);
	dlclose(loaded);
	if (err)
		modules_free(list);
	return err;
}

#else

int modules_find(const char *directory, const char *names, struct module_list *list,
		 struct reason *why)
{
	(void)directory;
	(void)names;
	(void)list;
	return fail(why, ENOTSUP, LIBKMOD_REASON);
}

#endif
