// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/html.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

void html_begin(struct html *html, FILE *stream)
{
	*html = (struct html){ .stream = stream };
	fputs("<!DOCTYPE html>\n", stream);
}

static void end_tag(struct html *html)
{
	if (html->in_tag)
		fputc('>', html->stream);
	html->in_tag = false;
}

void html_open(struct html *html, const char *name)
{
	end_tag(html);
	fprintf(html->stream, "<%s", name);
	html->in_tag = true;
	/* Deeper than any document of ours: a mistake that the tests would show. */
	if (html->depth < HTML_DEPTH)
		html->open[html->depth] = name;
	html->depth++;
}

/* Elements that may have nothing in them; all others need an end tag in HTML. */
static bool is_void(const char *name)
{
	static const char *const names[] = { "meta", "br", "rect", "path", "circle", "use" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

void html_close(struct html *html)
{
	const char *name = html->depth <= HTML_DEPTH ? html->open[html->depth - 1] : "";

	html->depth--;
	if (html->in_tag && is_void(name)) {
		fputs("/>", html->stream);
		html->in_tag = false;
		return;
	}
	end_tag(html);
	fprintf(html->stream, "</%s>", name);
}

void html_close_to(struct html *html, unsigned depth)
{
	while (html->depth > depth)
		html_close(html);
}

/*
 * The bytes of one character at @text, or 0 when it is not UTF-8 (RFC 3629) or
 * one that must not be shown: controls, marks that turn the direction of
 * writing, and noncharacters, which HTML forbids.
 */
static unsigned character(const unsigned char *text)
{
	unsigned length = *text < 0x80 ? 1 :
			  *text < 0xc2 ? 0 :
			  *text < 0xe0 ? 2 :
			  *text < 0xf0 ? 3 :
			  *text < 0xf5 ? 4 :
					 0;
	uint32_t code = length == 1 ? *text : *text & (0x7fu >> length);

	for (unsigned i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if ((length == 3 && code < 0x800) || (length == 4 && code < 0x10000) || code > 0x10ffff ||
	    (code >= 0xd800 && code < 0xe000) || (code & 0xfffe) == 0xfffe ||
	    (code >= 0xfdd0 && code < 0xfdf0))
		return 0;
	if ((code < 0x20 && code != '\n') || (code >= 0x7f && code < 0xa0) ||
	    (code >= 0x200e && code < 0x2010) || (code >= 0x2028 && code < 0x202f) ||
	    (code >= 0x2066 && code < 0x206a) || code == 0xfeff)
		return 0;
	return length;
}

static void escape(struct html *html, const char *text)
{
	static const char *const entities[] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
	};

	while (*text) {
		unsigned char byte = (unsigned char)*text;
		unsigned length = character((const unsigned char *)text);

		if (byte < sizeof(entities) / sizeof(entities[0]) && entities[byte])
			fputs(entities[byte], html->stream);
		else if (length)
			fwrite(text, 1, length, html->stream);
		else
			fputc('?', html->stream);
		text += length ? length : 1;
	}
}

void html_attribute(struct html *html, const char *name, const char *value)
{
	fprintf(html->stream, " %s=\"", name);
	escape(html, value);
	fputc('"', html->stream);
}

void html_attributef(struct html *html, const char *name, const char *format, ...)
{
	char value[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	html_attribute(html, name, value);
}

void html_text(struct html *html, const char *text)
{
	end_tag(html);
	escape(html, text);
}

void html_printf(struct html *html, const char *format, ...)
{
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	html_text(html, text);
}

void html_element(struct html *html, const char *name, const char *class, const char *text)
{
	html_open(html, name);
	if (class)
		html_attribute(html, "class", class);
	html_text(html, text);
	html_close(html);
}

void html_constant(struct html *html, const char *markup)
{
	end_tag(html);
	fputs(markup, html->stream);
}

void html_newline(struct html *html)
{
	end_tag(html);
	fputc('\n', html->stream);
}
