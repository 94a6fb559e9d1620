// SPDX-License-Identifier: GPL-2.0-or-later
/* The processes that thpin inspect looks at, one after the other. */
#include "commands/inspect_looks.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands/commands.h"
#include "inspect/target.h"
#include "output/output.h"

int inspect_targets_all(struct inspect_targets *targets, struct reason *why)
{
	DIR *processes = opendir("/proc");
	int err = 0;

	if (!processes)
		return fail_errno(why, errno, "/proc");
	targets->count = 0;
	for (struct dirent *entry; !err && (entry = readdir(processes));) {
		size_t count = targets->count;
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (*end || pid <= 0 || pid == getpid())
			continue;
		if (!(count & (count - 1))) {
			pid_t *more = reallocarray(targets->pids, count ? 2 * count : 1,
						   sizeof(*more));

			if (!more) {
				err = fail_errno(why, ENOMEM, "processes");
				break;
			}
			targets->pids = more;
		}
		targets->pids[targets->count++] = (pid_t)pid;
	}
	closedir(processes);
	/* There is always a process 1. */
	targets->unseen = target_hidden(1);
	return err;
}

/* 0 nothing odd, 1 something found. */
static int judge(const struct inspection *inspection, enum fail_when when)
{
	bool diverged = false;

	for (size_t i = 0; i < inspection->hazards_count; i++)
		diverged |= inspection->hazards[i].code == HAZARD_DIVERGED;
	switch (when) {
	case FAIL_DIVERGED:
		return diverged ? EXIT_LOSS : EXIT_IN_SYNC;
	case FAIL_HELD:
		return inspection->holders_count ? EXIT_LOSS : EXIT_IN_SYNC;
	default:
		return inspection->hazards_count ? EXIT_LOSS : EXIT_IN_SYNC;
	}
}

static void show_vmas(void *context, size_t done, size_t total)
{
	progress_show(context, done, total, "VMAs");
}

/* Takes over @inspection. */
static int keep(struct inspect_looks *looks, struct inspection *inspection)
{
	struct inspection **more = looks->list;

	if (!(looks->count & (looks->count - 1)))
		more = reallocarray(looks->list, looks->count ? 2 * looks->count : 1,
				    sizeof(struct inspection *));
	if (!more) {
		inspection_free(inspection);
		free(inspection);
		return -ENOMEM;
	}
	looks->list = more;
	looks->list[looks->count++] = inspection;
	return 0;
}

/* Not a kernel thread, or what ended meanwhile, which nobody asked for. */
static bool is_hidden(int err)
{
	return err != -EINVAL && err != -ESRCH;
}

/* Of all processes some cannot be looked at, @first tells why one of @hidden. */
static void tell_hidden(struct inspect_looks *looks, struct inspect_targets *targets, size_t total,
			size_t hidden, const struct reason *first)
{
	struct reason why;

	if (!hidden && !targets->unseen)
		return;
	looks->failed = true;
	if (targets->told)
		return;
	targets->told = true;
	if (targets->unseen)
		fail(&why, EACCES,
		     "processes of other users are hidden (hidepid of proc(5)): run as root");
	else
		fail(&why, EACCES, "%zu of %zu processes cannot be looked at: %s", hidden, total,
		     first->text);
	command_failed(&why, EXIT_UNTESTED);
}

int inspect_looks(struct inspect_looks *looks, struct inspect_targets *targets,
		  const struct inspect_request *request, enum fail_when when)
{
	size_t total = targets->count, left = 0, hidden = 0;
	struct inspect_request one = *request;
	struct progress progress;
	struct reason first;
	int err = 0;

	*looks = (struct inspect_looks){ .code = EXIT_IN_SYNC };
	one.progress = total == 1 ? show_vmas : NULL;
	one.context = &progress;
	progress_begin(&progress);
	for (size_t i = 0; !err && i < total; i++) {
		struct inspection *inspection = malloc(sizeof(*inspection));
		struct reason why;
		int failed;

		if (total > 1)
			progress_show(&progress, i, total, "processes");
		one.pid = targets->pids[i];
		if (!inspection) {
			err = -ENOMEM;
		} else if ((failed = inspect(inspection, &one, &why))) {
			free(inspection);
			if (!targets->named) {
				first = hidden ? first : why;
				hidden += is_hidden(failed);
				continue;
			}
			progress_end(&progress);
			command_failed(&why, EXIT_UNTESTED);
			progress_begin(&progress);
			looks->failed = true;
		} else {
			targets->pids[left++] = one.pid;
			if (judge(inspection, when) > looks->code)
				looks->code = EXIT_LOSS;
			if (targets->named || inspection->holders_count) {
				err = keep(looks, inspection);
				continue;
			}
			inspection_free(inspection);
			free(inspection);
		}
	}
	progress_end(&progress);
	targets->count = left;
	if (!err)
		tell_hidden(looks, targets, total, hidden, &first);
	return err;
}

void inspect_looks_free(struct inspect_looks *looks)
{
	for (size_t i = 0; i < looks->count; i++) {
		inspection_free(looks->list[i]);
		free(looks->list[i]);
	}
	free(looks->list);
	*looks = (struct inspect_looks){ .list = NULL };
}
