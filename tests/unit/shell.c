// SPDX-License-Identifier: GPL-2.0-or-later
/* Words for a shell, written and read again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "util/shell.h"

/* What is written of a word, which is then read again. */
static void word(const char *text, const char *written)
{
	char *line = NULL, *rest;
	size_t size;
	FILE *stream = open_memstream(&line, &size);

	if (!stream)
		bail_out("open_memstream");
	fputs("  before ", stream);
	shell_put_word(stream, text);
	fputs(" behind", stream);
	fclose(stream);
	rest = line + strlen("  before ");
	ok(!strncmp(rest, written, strlen(written)) && !strcmp(rest + strlen(written), " behind"),
	   "%s is written as %s", text, written);
	rest = line;
	is_str(shell_next_word(&rest), "before", "the word before it");
	is_str(shell_next_word(&rest), text, "the same is read");
	is_str(shell_next_word(&rest), "behind", "the word behind it");
	ok(!shell_next_word(&rest) && !shell_next_word(&rest), "no more");
	free(line);
}

static void read_words(const char *text, const char *first, const char *second)
{
	char *line = strdup(text), *rest = line;

	if (!line)
		bail_out("no memory");
	is_str(shell_next_word(&rest), first, "the first word of %s", text);
	is_str(shell_next_word(&rest), second, "the second");
	ok(!shell_next_word(&rest), "no more");
	free(line);
}

int main(void)
{
	char control[] = "a\nb\x1b[31m", *line = NULL;
	size_t size;
	FILE *stream = open_memstream(&line, &size);

	word("thp", "thp");
	word("vmsplice/base/fork-*", "'vmsplice/base/fork-*'");
	word("--save=/tmp/x,y:1%@+", "--save=/tmp/x,y:1%@+");
	word("", "''");
	word("it's a \"$path\"\\", "'it'\\''s a \"$path\"\\'");
	word("'", "''\\'''");
	word("~", "'~'");
	word("\xc3\xa9", "'\xc3\xa9'");

	if (!stream)
		bail_out("open_memstream");
	shell_put_word(stream, control);
	fclose(stream);
	is_str(line, "'a?b?[31m'", "control characters are shown as such");
	free(line);

	read_words("a*  b?", "a*", "b?");
	read_words("--save '/x y", "--save", "/x y");
	read_words("a'b c'd \\", "ab cd", "\\");
	return done_testing();
}
