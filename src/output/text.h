/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_OUTPUT_TEXT_H
#define THPIN_OUTPUT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "output/output.h"

/* Meanings of text; a colour is only ever added to words that say the same. */
enum tone { TONE_PLAIN, TONE_HEAD, TONE_GOOD, TONE_BAD, TONE_ALARM, TONE_WARN, TONE_DIM };

void tone_on(FILE *stream, const struct style *style, enum tone tone);
void tone_off(FILE *stream, const struct style *style, enum tone tone);

/* Text is hard to read when it is wider, whatever the terminal. */
#define TEXT_WIDTH 100

unsigned text_width(const struct style *style);

/* Of the first @room bytes of @text, those that are whole characters. */
size_t text_cut(const char *text, size_t room);

/*
 * A paragraph that is being written: words are held back until it is known
 * whether they fit. Control characters come out as '?', so that no name or
 * kernel message can play with the terminal.
 */
struct wrap {
	FILE *stream;
	const struct style *style;
	enum tone tone; /* of the rest of the paragraph */
	unsigned width;
	unsigned hang;   /* indent of all lines but the first */
	unsigned column; /* where the next character would go */
	unsigned blanks; /* before the next word */
	unsigned used;   /* bytes of word */
	char word[256];
};

/* @indent is that of the first line, @hang that of the others. */
void wrap_begin(struct wrap *wrap, FILE *stream, const struct style *style, unsigned indent,
		unsigned hang);

/* Give what follows a tone; each line of it, as pagers end colours with the line. */
void wrap_tone(struct wrap *wrap, enum tone tone);

/* Words to be broken at blanks; several blanks are kept within a line. */
void wrap_text(struct wrap *wrap, const char *text);
void wrap_printf(struct wrap *wrap, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One word: its blanks do not break. */
void wrap_word(struct wrap *wrap, const char *text);

/* Write what is held back and end the line. */
void wrap_end(struct wrap *wrap);

#endif
