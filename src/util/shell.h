/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_UTIL_SHELL_H
#define THPIN_UTIL_SHELL_H

#include <stdio.h>

/* Command lines as people paste them into a POSIX shell. */

/*
 * Write @text so that a shell takes it for one word, and for nothing but itself. Control
 * characters, which play with a terminal, become '?'.
 */
void shell_put_word(FILE *stream, const char *text);

/*
 * The next word of a line that shell_put_word() wrote, words between single blanks or
 * more: taken out of its quotes in place, and *@rest moved behind it. NULL: there is
 * none. A line without quotes, as of earlier versions, is read likewise; one whose
 * quotes do not end has the rest as its last word.
 */
char *shell_next_word(char **rest);

#endif
