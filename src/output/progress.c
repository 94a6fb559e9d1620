// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "output/output.h"
#include "util/io.h"

#define INTERVAL_NS 100000000u

/* Before that nobody waits, and too little is known. */
#define ESTIMATE_NS (UINT64_C(10) * 1000000000)

void progress_begin(struct progress *progress)
{
	const char *term = getenv("TERM");
	struct winsize size;
	struct style style;

	*progress = (struct progress){ 0 };
	/* A dumb terminal cannot rewrite a line. */
	if (!isatty(STDERR_FILENO) || !term || !strcmp(term, "dumb"))
		return;
	style_init(&style, stderr, COLOR_NEVER);
	progress->active = true;
	progress->start_ns = clock_ns();
	progress->width = style.width;
	/* Text is not made narrower than some width, but a line must not wrap. */
	if (!ioctl(STDERR_FILENO, TIOCGWINSZ, &size) && size.ws_col && size.ws_col < style.width)
		progress->width = size.ws_col;
}

char *progress_line(size_t done, size_t total, uint64_t ns, const char *name, char *line,
		    size_t size)
{
	uint64_t left = done ? ns / done * (total - done) / 1000000000 : 0;
	const char *unit = "s";
	char estimate[40] = "";

	if (left >= 100) {
		left /= 60;
		unit = "min";
		if (left >= 100) {
			left /= 60;
			unit = "h";
		}
	}
	if (done && ns >= ESTIMATE_NS)
		snprintf(estimate, sizeof(estimate), ", about %" PRIu64 " %s left", left, unit);
	snprintf(line, size, "%zu of %zu%s  %s", done, total, estimate, name);
	return line;
}

void progress_show(struct progress *progress, size_t done, size_t total, const char *name)
{
	uint64_t now;
	char line[160];
	int room;

	if (!progress->active)
		return;
	now = clock_ns();
	if (progress->last_ns && now - progress->last_ns < INTERVAL_NS)
		return;
	progress->last_ns = now;

	/* A line that wraps could not be rewritten: the last column stays free. */
	room = progress->width < sizeof(line) ? (int)progress->width - 1 : (int)sizeof(line) - 1;
	progress_line(done, total, now - progress->start_ns, name, line, sizeof(line));
	fprintf(stderr, "\r%.*s\033[K", room, line);
	fflush(stderr);
}

void progress_end(struct progress *progress)
{
	if (!progress->active)
		return;
	if (progress->last_ns) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	progress->active = false;
}
