/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing HTML. What comes from outside gets into a document by html_text() and
 * html_attribute() and their kin only, which escape it: no text can leave its
 * place. Names of elements and attributes are the program's own.
 *
 * The result is well-formed XML, too, so that any XML parser can check it.
 */
#ifndef THPIN_OUTPUT_HTML_H
#define THPIN_OUTPUT_HTML_H

#include <stdbool.h>
#include <stdio.h>

#define HTML_DEPTH 24

struct html {
	FILE *stream;
	const char *open[HTML_DEPTH]; /* elements, the innermost last */
	unsigned depth;
	bool in_tag; /* attributes may follow */
};

/* Begin a document: <!DOCTYPE html>. The stream stays the caller's. */
void html_begin(struct html *html, FILE *stream);

/* Close what is open, down to @depth elements; 0: all of it. */
void html_close_to(struct html *html, unsigned depth);

/* Begin an element within the one that is open; @name must live until it is closed. */
void html_open(struct html *html, const char *name);

/* Attributes of the element just begun, before anything is put into it. */
void html_attribute(struct html *html, const char *name, const char *value);
__attribute__((format(printf, 3, 4))) void html_attributef(struct html *html, const char *name,
							   const char *format, ...);

/* Text; control characters and what is no UTF-8 become question marks. */
void html_text(struct html *html, const char *text);
__attribute__((format(printf, 2, 3))) void html_printf(struct html *html, const char *format, ...);

/* The element that was begun last and is still open. */
void html_close(struct html *html);

/* An element with a text, and with a class unless that is NULL. */
void html_element(struct html *html, const char *name, const char *class, const char *text);

/* The program's own markup, such as the style sheet, as it is. Never for data. */
void html_constant(struct html *html, const char *markup);

/* Begin a new line of the source, for people who read it. */
void html_newline(struct html *html);

#endif
