// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "output/output.h"
#include "util/names.h"

#define WIDTH_MIN 40
#define WIDTH_MAX 1000
#define WIDTH_USUAL 80

/* An empty NO_COLOR counts as unset (https://no-color.org). */
static bool color_wanted(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return !(no_color && *no_color) && term && *term && strcmp(term, "dumb");
}

static unsigned terminal_width(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t value;

	if (ioctl(fd, TIOCGWINSZ, &size) || !size.ws_col) {
		/* A serial console does not know its size; its user may. */
		if (!columns || parse_count(columns, WIDTH_MIN, WIDTH_MAX, &value))
			return WIDTH_USUAL;
		return (unsigned)value;
	}
	return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
}

void style_init(struct style *style, FILE *stream, enum color_when when)
{
	int fd = fileno(stream);
	bool terminal = fd >= 0 && isatty(fd);

	*style = (struct style){
		.color = when == COLOR_ALWAYS || (when == COLOR_AUTO && terminal && color_wanted()),
		.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8"),
		.width = terminal ? terminal_width(fd) : 0,
	};
}

int color_when_parse(const char *text, enum color_when *when)
{
	static const char *const names[] = {
		[COLOR_AUTO] = "auto",
		[COLOR_ALWAYS] = "always",
		[COLOR_NEVER] = "never",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(text, names[i])) {
			*when = (enum color_when)i;
			return 0;
		}
	}
	return -EINVAL;
}
