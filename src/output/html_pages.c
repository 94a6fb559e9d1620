// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A picture of the pages of a region: a cell a page, 32 in a row, the first at the
 * top left. Larger regions have several pages in a cell, of which the gravest shows.
 * Every filling differs in its pattern, not in its colour alone.
 */
#include <inttypes.h>
#include <string.h>

#include "output/html_parts.h"
#include "output/words.h"

#define COLUMNS 32
#define CELLS 512 /* at most: 16 rows */
#define SIDE 10   /* of a cell */

/* From the least to the most grave; the names are classes of the style sheet. */
enum fill {
	FILL_NONE,
	FILL_UNKNOWN,
	FILL_EXCLUSIVE,
	FILL_SHARED,
	FILL_SWAPPED,
	FILL_ABSENT,
	FILL_MOVED,
	FILL_DISCARDED,
	FILL_COUNT
};
enum mark { MARK_NONE, MARK_LEAK, MARK_STALE, MARK_LOST, MARK_COUNT };

static const struct {
	const char *class, *words, *meaning;
} fills[FILL_COUNT] = {
	[FILL_UNKNOWN] = { "u", "not known", "not known" },
	[FILL_EXCLUSIVE] = { "e", "exclusive", "mapped by this process and no other" },
	[FILL_SHARED] = { "s", "shared", "another process has it mapped, too" },
	[FILL_SWAPPED] = { "w", "swapped out", "swapped out, or being moved" },
	[FILL_ABSENT] = { "a", "not mapped", "no page is there" },
	[FILL_MOVED] = { "m", "copied", "the process has another page frame there than the device" },
	[FILL_DISCARDED] = { "d", "discarded", "given up on request; what is there is new" },
}, marks[MARK_COUNT] = {
	[MARK_LEAK] = { "l", "leaked", "another process sees what was written after fork()" },
	[MARK_STALE] = { "t", "stale", "the device does not see what the CPU wrote" },
	[MARK_LOST] = { "x", "lost", "the CPU does not see what the device wrote" },
};

static const enum mark mark_of[LOSS_COUNT] = {
	[LOSS_WRITE] = MARK_LOST,
	[LOSS_STALE] = MARK_STALE,
	[LOSS_LEAK] = MARK_LEAK,
};

struct picture {
	uint32_t pages, cells;
	unsigned char fill[CELLS], mark[CELLS];
	uint32_t filled[FILL_COUNT]; /* pages */
};

static uint32_t cell_of(const struct picture *picture, uint32_t page)
{
	return (uint32_t)((uint64_t)page * picture->cells / picture->pages);
}

/* Pages past the region, which only a made-up file has, are left out. */
static void put(struct picture *picture, unsigned char *layer, uint32_t first, uint32_t count,
		unsigned char value)
{
	uint32_t last;

	if (first >= picture->pages || !count)
		return;
	last = count > picture->pages - first ? picture->pages - 1 : first + count - 1;
	for (uint32_t cell = cell_of(picture, first); cell <= cell_of(picture, last); cell++)
		if (layer[cell] < value)
			layer[cell] = value;
}

static enum fill fill_of(enum span_state state)
{
	static const enum fill of[PAGE_STATE_COUNT] = {
		[PAGE_STATE_UNKNOWN] = FILL_UNKNOWN,     [PAGE_STATE_ABSENT] = FILL_ABSENT,
		[PAGE_STATE_SWAPPED] = FILL_SWAPPED,     [PAGE_STATE_SHARED] = FILL_SHARED,
		[PAGE_STATE_EXCLUSIVE] = FILL_EXCLUSIVE,
	};

	return of[state];
}

static enum fill fill_after(const struct page_span *span, bool by_design)
{
	enum fill fill = fill_of(span->after);

	/* Nothing but a request lets go of a page that was there, and is not swapped out. */
	if (by_design && (span->moved > 0 || fill == FILL_ABSENT))
		return FILL_DISCARDED;
	return span->moved > 0 ? FILL_MOVED : fill;
}

static void begin(struct picture *picture, const struct outcome *outcome)
{
	*picture = (struct picture){
		.pages = outcome->sample_of ? outcome->sample_of : outcome->pages,
	};
	if (outcome->spans_used) {
		const struct page_span *last = &outcome->spans[outcome->spans_used - 1];

		if (picture->pages < last->first + last->count)
			picture->pages = last->first + last->count;
	}
	if (!picture->pages)
		picture->pages = 1;
	picture->cells = picture->pages < CELLS ? picture->pages : CELLS;
	for (uint32_t i = 0; i < picture->cells; i++)
		picture->fill[i] = outcome->spans_used ? FILL_NONE : FILL_UNKNOWN;
}

static void fill(struct picture *picture, const struct outcome *outcome, bool after, bool by_design)
{
	for (uint32_t i = 0; i < outcome->spans_used && i < PAGE_SPANS; i++) {
		const struct page_span *span = &outcome->spans[i];
		enum fill value = after ? fill_after(span, by_design) : fill_of(span->before);

		put(picture, picture->fill, span->first, span->count, (unsigned char)value);
		picture->filled[value] += span->count;
	}
	if (!outcome->spans_used)
		picture->filled[FILL_UNKNOWN] = picture->pages;
}

static void mark(struct picture *picture, const struct outcome *outcome)
{
	for (unsigned kind = 0; kind < LOSS_COUNT; kind++) {
		const struct loss_record *loss = &outcome->loss[kind];

		for (uint32_t i = 0; i < loss->ranges_used && i < LOSS_RANGES; i++)
			put(picture, picture->mark, loss->ranges[i].first, loss->ranges[i].count,
			    (unsigned char)mark_of[kind]);
	}
}

/* The outline of cells @first to @last, which may begin and end within a row. */
static size_t outline(char *to, size_t size, uint32_t first, uint32_t last)
{
	unsigned left = first % COLUMNS * SIDE, top = first / COLUMNS * SIDE;
	unsigned right = (last % COLUMNS + 1) * SIDE, bottom = (last / COLUMNS + 1) * SIDE;
	unsigned width = COLUMNS * SIDE;
	int length;

	if (bottom - top == SIDE || (!left && right == width))
		length = snprintf(to, size, "M%u %uH%uV%uH%uz", left, top, right, bottom, left);
	else
		length = snprintf(to, size, "M%u %uH%uV%uH%uV%uH0V%uH%uz", left, top, width,
				  bottom - SIDE, right, bottom, top + SIDE, left);
	return length > 0 && (size_t)length < size ? (size_t)length : 0;
}

/* All cells of a layer that have this value, as one path. */
static void draw(struct html *html, const struct picture *picture, const unsigned char *layer,
		 unsigned char value, const char *class)
{
	char path[8192] = "";
	size_t used = 0;

	for (uint32_t i = 0; i < picture->cells; i++) {
		uint32_t first = i;

		if (layer[i] != value)
			continue;
		while (i + 1 < picture->cells && layer[i + 1] == value)
			i++;
		used += outline(path + used, sizeof(path) - used, first, i);
	}
	if (!used)
		return;
	html_open(html, "path");
	html_attribute(html, "class", class);
	html_attribute(html, "d", path);
	html_close(html);
}

/* One cell among hundreds is not seen: a ring around the first that is alone. */
static void draw_ring(struct html *html, const struct picture *picture)
{
	for (uint32_t i = 0; i < picture->cells; i++) {
		bool alone = picture->mark[i] >= MARK_STALE &&
			     (!i || picture->mark[i - 1] < MARK_STALE) &&
			     (i + 1 == picture->cells || picture->mark[i + 1] < MARK_STALE);

		if (!alone || picture->cells < COLUMNS)
			continue;
		html_open(html, "circle");
		html_attribute(html, "class", "ring");
		html_attributef(html, "cx", "%u", i % COLUMNS * SIDE + SIDE / 2);
		html_attributef(html, "cy", "%u", i / COLUMNS * SIDE + SIDE / 2);
		html_attribute(html, "r", "13");
		html_close(html);
		return;
	}
}

static void append(char *text, size_t size, const char *part)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s", part);
}

/* "511 shared, 1 copied; lost: page 189; leaked: pages 0-511" */
static void describe(const struct picture *picture, const struct outcome *outcome, bool after,
		     char *text, size_t size)
{
	char part[320];

	text[0] = '\0';
	for (unsigned i = FILL_UNKNOWN; i < FILL_COUNT; i++) {
		if (!picture->filled[i])
			continue;
		snprintf(part, sizeof(part), "%s%" PRIu32 " %s", *text ? ", " : "",
			 picture->filled[i], fills[i].words);
		append(text, size, part);
	}
	for (unsigned kind = 0; after && kind < LOSS_COUNT; kind++) {
		char ranges[256];

		if (!outcome->loss[kind].pages)
			continue;
		snprintf(part, sizeof(part), "; %s: %s", marks[mark_of[kind]].words,
			 ranges_text(&outcome->loss[kind], ranges, sizeof(ranges)));
		append(text, size, part);
	}
}

static void draw_picture(struct html *html, const struct outcome *outcome, bool after,
			 bool by_design)
{
	struct picture picture;
	uint32_t rows;
	char text[1024];

	begin(&picture, outcome);
	fill(&picture, outcome, after, by_design);
	if (after)
		mark(&picture, outcome);
	describe(&picture, outcome, after, text, sizeof(text));
	rows = (picture.cells + COLUMNS - 1) / COLUMNS;

	html_newline(html);
	html_open(html, "figure");
	html_open(html, "svg");
	html_attribute(html, "role", "img");
	html_attributef(html, "aria-label", "%s: %s", after ? "After the race" : "When pinned",
			text);
	html_attributef(html, "viewBox", "-9 -9 %u %u", COLUMNS * SIDE + 18, rows * SIDE + 18);
	for (unsigned i = FILL_UNKNOWN; i < FILL_COUNT; i++)
		draw(html, &picture, picture.fill, (unsigned char)i, fills[i].class);
	for (unsigned i = MARK_LEAK; i < MARK_COUNT; i++)
		draw(html, &picture, picture.mark, (unsigned char)i, marks[i].class);
	draw_ring(html, &picture);
	html_close(html);
	html_open(html, "figcaption");
	html_element(html, "b", NULL, after ? "After the race: " : "When pinned: ");
	html_text(html, text);
	if (picture.cells < picture.pages)
		html_printf(html, " (%" PRIu32 " pages, several in a cell)", picture.pages);
	html_close(html);
	html_close(html);
}

void html_pages(struct html *html, const struct outcome *outcome, bool by_design)
{
	html_newline(html);
	html_open(html, "div");
	html_attribute(html, "class", "pages");
	draw_picture(html, outcome, false, by_design);
	draw_picture(html, outcome, true, by_design);
	html_close(html);
}

static void legend_entry(struct html *html, const char *class, const char *words,
			 const char *meaning)
{
	html_open(html, "li");
	html_open(html, "svg");
	html_attribute(html, "class", "key");
	html_attribute(html, "viewBox", "-1 -1 22 12");
	html_attribute(html, "aria-hidden", "true");
	html_open(html, "path");
	html_attribute(html, "class", class);
	html_attribute(html, "d", "M0 0H20V10H0z");
	html_close(html);
	html_close(html);
	html_element(html, "b", NULL, words);
	html_printf(html, ": %s", meaning);
	html_close(html);
}

void html_pages_seen(const struct outcome *outcome, bool by_design, unsigned *seen)
{
	for (uint32_t i = 0; i < outcome->spans_used && i < PAGE_SPANS; i++)
		*seen |= 1u << fill_of(outcome->spans[i].before) |
			 1u << fill_after(&outcome->spans[i], by_design);
	if (!outcome->spans_used)
		*seen |= 1u << FILL_UNKNOWN;
	for (unsigned kind = 0; kind < LOSS_COUNT; kind++)
		if (outcome->loss[kind].pages)
			*seen |= 1u << (FILL_COUNT + mark_of[kind]);
}

void html_legend(struct html *html, unsigned seen)
{
	html_newline(html);
	html_element(html, "p", NULL,
		     "A cell is a page, 32 in a row, the first at the top left. What the process "
		     "has there, and over it what the comparison of the bytes found:");
	html_open(html, "ul");
	html_attribute(html, "class", "legend");
	for (unsigned i = FILL_UNKNOWN; i < FILL_COUNT; i++)
		if (seen >> i & 1)
			legend_entry(html, fills[i].class, fills[i].words, fills[i].meaning);
	for (unsigned i = MARK_COUNT - 1; i > MARK_NONE; i--)
		if (seen >> (FILL_COUNT + i) & 1)
			legend_entry(html, marks[i].class, marks[i].words, marks[i].meaning);
	html_close(html);
}
