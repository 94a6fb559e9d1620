// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/text.h"
#include "util/plain.h"

#include <stdarg.h>
#include <string.h>

static const char *tone_code(enum tone tone)
{
	switch (tone) {
	case TONE_PLAIN:
		break;
	case TONE_HEAD:
		return "1";
	case TONE_GOOD:
		return "32";
	case TONE_BAD:
		return "31";
	case TONE_ALARM:
		return "1;31";
	case TONE_WARN:
		return "33";
	case TONE_DIM:
		return "2";
	}
	return NULL;
}

void tone_on(FILE *stream, const struct style *style, enum tone tone)
{
	const char *code = tone_code(tone);

	if (style->color && code)
		fprintf(stream, "\033[%sm", code);
}

void tone_off(FILE *stream, const struct style *style, enum tone tone)
{
	if (style->color && tone_code(tone))
		fputs("\033[0m", stream);
}

unsigned text_width(const struct style *style)
{
	return style->width && style->width < TEXT_WIDTH ? style->width : TEXT_WIDTH;
}

/* A byte that goes on a character of UTF-8. */
static bool goes_on(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

size_t text_cut(const char *text, size_t room)
{
	size_t length = strnlen(text, room);

	while (length && goes_on(text[length]))
		length--;
	return length;
}

void wrap_begin(struct wrap *wrap, FILE *stream, const struct style *style, unsigned indent,
		unsigned hang)
{
	*wrap = (struct wrap){
		.stream = stream,
		.style = style,
		.width = text_width(style),
		.hang = hang,
	};
	fprintf(stream, "%*s", (int)indent, "");
	wrap->column = indent;
}

void wrap_tone(struct wrap *wrap, enum tone tone)
{
	wrap->tone = tone;
	tone_on(wrap->stream, wrap->style, tone);
}

/* What does not fit into a line of its own, in pieces of one line each. */
static void break_word(struct wrap *wrap)
{
	unsigned room = wrap->width - wrap->hang;

	while (wrap->used > room) {
		unsigned piece = room;

		/* Not within a character of several bytes. */
		while (piece > 1 && goes_on(wrap->word[piece]))
			piece--;
		if (wrap->column > wrap->hang)
			fprintf(wrap->stream, "\n%*s", (int)wrap->hang, "");
		fwrite(wrap->word, 1, piece, wrap->stream);
		wrap->used -= piece;
		memmove(wrap->word, wrap->word + piece, wrap->used);
		wrap->column = wrap->width;
		wrap->blanks = 0;
	}
}

static void flush_word(struct wrap *wrap)
{
	if (!wrap->used)
		return;
	if (wrap->style->hard && wrap->hang < wrap->width)
		break_word(wrap);
	/* Else a word longer than a line stands alone rather than being cut. */
	if (wrap->column > wrap->hang && wrap->column + wrap->blanks + wrap->used > wrap->width) {
		tone_off(wrap->stream, wrap->style, wrap->tone);
		fprintf(wrap->stream, "\n%*s", (int)wrap->hang, "");
		tone_on(wrap->stream, wrap->style, wrap->tone);
		wrap->column = wrap->hang;
	} else {
		fprintf(wrap->stream, "%*s", (int)wrap->blanks, "");
		wrap->column += wrap->blanks;
	}
	fwrite(wrap->word, 1, wrap->used, wrap->stream);
	wrap->column += wrap->used;
	wrap->blanks = 0;
	wrap->used = 0;
}

static void add_char(struct wrap *wrap, char c)
{
	if (wrap->used == sizeof(wrap->word))
		flush_word(wrap);
	wrap->word[wrap->used++] = plain(c);
}

void wrap_text(struct wrap *wrap, const char *text)
{
	for (; *text; text++) {
		if (*text == ' ' || *text == '\n') {
			flush_word(wrap);
			wrap->blanks++;
		} else {
			add_char(wrap, *text);
		}
	}
}

void wrap_word(struct wrap *wrap, const char *text)
{
	for (; *text; text++)
		add_char(wrap, *text);
}

void wrap_printf(struct wrap *wrap, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	wrap_text(wrap, text);
}

void wrap_end(struct wrap *wrap)
{
	flush_word(wrap);
	tone_off(wrap->stream, wrap->style, wrap->tone);
	fputc('\n', wrap->stream);
}
