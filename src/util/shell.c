// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/shell.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "util/plain.h"

static bool is_plain(const char *text)
{
	for (const char *c = text; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("/._-+,:@%=", *c))
			return false;
	return *text;
}

void shell_put_word(FILE *stream, const char *text)
{
	if (is_plain(text)) {
		fputs(text, stream);
		return;
	}
	fputc('\'', stream);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stream);
		else
			fputc(plain(*text), stream);
	}
	fputc('\'', stream);
}

char *shell_next_word(char **rest)
{
	char *from = *rest + strspn(*rest, " "), *word = from, *to = from;
	bool quoted = false;

	if (!*from)
		return NULL;
	for (; *from && (quoted || *from != ' '); from++) {
		if (*from == '\'') {
			quoted = !quoted;
			continue;
		}
		if (!quoted && from[0] == '\\' && from[1])
			from++;
		*to++ = *from;
	}
	*rest = *from ? from + 1 : from;
	*to = '\0';
	return word;
}
