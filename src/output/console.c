// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "output/output.h"

#define LINES 20

/* Where the last LINES lines begin. */
static const char *last_lines(const char *text)
{
	const char *at = text + strlen(text);
	unsigned lines = 0;

	while (at > text) {
		if (at[-1] == '\n' && at[0] && ++lines > LINES)
			break;
		at--;
	}
	return at;
}

void output_console(FILE *stream, const char *console)
{
	const char *at;
	bool escape = false;

	if (!console)
		return;
	fprintf(stream, "thpin: the last lines of the console:\n");
	for (at = last_lines(console); *at; at++) {
		unsigned char c = (unsigned char)*at;

		/* Firmware clears the screen and sets colours. */
		if (escape)
			escape = !(c >= '@' && c != '[');
		else if (c == 0x1b)
			escape = true;
		else if (c == '\n' || c == '\t' || c >= ' ')
			fputc(c, stream);
	}
	if (at > console && at[-1] != '\n')
		fputc('\n', stream);
}
