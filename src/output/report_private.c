// SPDX-License-Identifier: GPL-2.0-or-later
/* What a report leaves out unless it is asked for, as it may tell about a machine. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "inspect/inspection.h"
#include "output/json.h"
#include "output/report_parts.h"
#include "util/shell.h"

#define HOME "/home/"
#define FILE_WORD "FILE" /* stands for a path */

/* "ffff888100000000" and the like: where the kernel is in memory. */
static size_t address_length(const char *text)
{
	size_t length = 0;

	while (isxdigit((unsigned char)text[length]))
		length++;
	return length == 16 && !strncmp(text, "ffff", 4) ? length : 0;
}

/* Where a path in a sentence or a command line may begin, or is over. */
static bool is_start(const char *from, const char *at)
{
	return at == from || strchr(" =:('\"", at[-1]);
}

static bool is_end(const char *at)
{
	return !*at || strchr(" :,;)'\"", *at);
}

/* What is at @at of the text @from that must not be shown, 0: nothing; *shown stands for it. */
static size_t private_length(const char *file, const char *from, const char *at, const char **shown)
{
	size_t length = file ? strlen(file) : 0;

	/* A short path is also within words that are not it. */
	if (length && is_start(from, at) && !strncmp(at, file, length) && is_end(at + length)) {
		*shown = FILE_WORD;
		return length;
	}
	if (!strncmp(at, HOME, strlen(HOME))) {
		*shown = HOME "...";
		length = strlen(HOME);
		return length + strcspn(at + length, "/ ");
	}
	*shown = "(address)";
	return address_length(at);
}

/* Room for what is shown of @length bytes: a path of one byte becomes FILE_WORD. */
#define HIDDEN_SIZE(length) (sizeof(FILE_WORD) * (length) + 32)

static const char *hide(const char *file, const char *from, char *to, size_t size)
{
	size_t used = 0;

	for (const char *at = from; *at && used + 16 < size;) {
		const char *shown;
		size_t length = private_length(file, from, at, &shown);

		if (length)
			used += (size_t)snprintf(to + used, size - used, "%s", shown);
		else
			to[used++] = *at;
		at += length ? length : 1;
	}
	to[used] = '\0';
	return to;
}

const char *report_hide(const struct report *report, const char *from, char *to, size_t size)
{
	if (!report->full)
		return hide(report->run->host->file.path, from, to, size);
	snprintf(to, size, "%s", from);
	return to;
}

/* Where the path in an argument begins: "/x", "--save=/x", "-O/x"; NULL: it has none. */
static char *path_in(char *word)
{
	char *value = word;

	if (!strncmp(word, "--", 2))
		value = strchr(word, '=') ? strchr(word, '=') + 1 : word;
	else if (!strncmp(word, "-O", 2))
		value = word + 2;
	return *value == '/' || *value == '.' || *value == '~' ? value : NULL;
}

static bool takes_path(const char *word)
{
	return !strcmp(word, "-O") || !strncmp(word, "--sa", 4) || !strncmp(word, "--fi", 4);
}

/* A word of which nothing is private, or that of which its path, cut off, is shown so. */
static void print_word(FILE *stream, char *word, char *path)
{
	if (path)
		*path = '\0';
	if (*word || !path)
		shell_put_word(stream, word);
	if (path)
		fputs(FILE_WORD, stream);
}

static char *hide_command(const char *file, const char *from)
{
	size_t size = HIDDEN_SIZE(strlen(from)), length;
	char *copy = malloc(size), *rest = copy, *line = NULL, *word;
	FILE *stream = copy ? open_memstream(&line, &length) : NULL;
	bool path = false;

	if (stream) {
		hide(file, from, copy, size);
		while ((word = shell_next_word(&rest))) {
			char *value = path ? word : path_in(word);

			path = takes_path(word) && !strchr(word, '=');
			if (!value && !path && takes_path(word))
				value = strchr(word, '=') + 1;
			if (ftell(stream) > 0)
				fputc(' ', stream);
			print_word(stream, word, value);
		}
		if (fclose(stream)) {
			free(line);
			line = NULL;
		}
	}
	free(copy);
	return line;
}

char *report_hide_command(const struct report *report, const char *from)
{
	return report->full ? strdup(from) : hide_command(report->run->host->file.path, from);
}

static void hide_here(const char *file, char *text, size_t size)
{
	char hidden[1024]; /* longer than any text of an outcome */

	snprintf(text, size, "%s", hide(file, text, hidden, sizeof(hidden)));
}

static void hide_result(const char *file, struct outcome *outcome)
{
	hide_here(file, outcome->reason.text, sizeof(outcome->reason.text));
	hide_here(file, outcome->kernel_warning, sizeof(outcome->kernel_warning));
	outcome->before.pfn = outcome->after.pfn = outcome->child_pfn = PFN_UNKNOWN;
	for (unsigned i = 0; i < EVENTS; i++) {
		outcome->events[i].pfn_was = outcome->events[i].pfn_is = PFN_UNKNOWN;
		hide_here(file, outcome->events[i].text, sizeof(outcome->events[i].text));
	}
}

static int hide_results(const char *file, struct run *shown)
{
	struct case_result *results = malloc((shown->count + 1) * sizeof(*results));

	if (!results)
		return -ENOMEM;
	for (size_t i = 0; i < shown->count; i++) {
		results[i] = shown->results[i];
		hide_result(file, &results[i].outcome);
	}
	shown->results = results;
	return 0;
}

/* VMAs have the whole paths of files; *names is what the new ones point into. */
static int hide_vmas(const char *file, struct vma_list *list, char **names)
{
	struct vma *vmas = malloc((list->count + 1) * sizeof(*vmas));
	size_t size = 1, used = 0;

	for (size_t i = 0; i < list->count; i++)
		size += HIDDEN_SIZE(strlen(list->vmas[i].name));
	*names = malloc(size);
	if (!vmas || !*names) {
		free(vmas);
		free(*names);
		return -ENOMEM;
	}
	for (size_t i = 0; i < list->count; i++) {
		vmas[i] = list->vmas[i];
		vmas[i].name = hide(file, vmas[i].name, *names + used, size - used);
		used += strlen(vmas[i].name) + 1;
	}
	list->vmas = vmas;
	return 0;
}

/* json_run() of what may be shown, the run itself left as it is. */
static int print_hidden(FILE *stream, const struct run *run, const char *file)
{
	struct run shown = *run;
	struct inspection inspection;
	char *names = NULL;
	int err;

	if (!run->inspection)
		return json_run(stream, run, false);
	inspection = *run->inspection;
	err = hide_vmas(file, &inspection.vmas, &names);
	if (err)
		return err;
	shown.inspection = &inspection;
	err = json_run(stream, &shown, false);
	free(inspection.vmas.vmas);
	free(names);
	return err;
}

int output_report_json(FILE *stream, const struct run *run, bool full)
{
	struct run shown = *run;
	struct host host = *run->host;
	const char *file = host.file.path;
	char *command;
	int err;

	if (full)
		return json_run(stream, run, true);
	command = hide_command(file, run->command ? run->command : "");
	err = command ? hide_results(file, &shown) : -ENOMEM;
	if (!err) {
		if (file)
			host.file.path = FILE_WORD;
		shown.host = &host;
		shown.command = command;
		err = print_hidden(stream, &shown, file);
		free(shown.results);
	}
	free(command);
	return err;
}
