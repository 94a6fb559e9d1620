// SPDX-License-Identifier: GPL-2.0-or-later
/* The heat map: a letter a cell, so that it can be read without colours. */
#include <inttypes.h>

#include "inspect/heat.h"
#include "output/inspect.h"
#include "output/text.h"
#include "util/names.h"
#include "util/plain.h"

/* The first that fits a cell is what it shows: what matters most comes first. */
static const struct {
	unsigned heat;
	char letter;
	enum tone tone;
	const char *means;
} letters[] = {
	{ HEAT_PARTED, '!', TONE_ALARM, "out of sync with its holder" },
	{ HEAT_PINNED, 'P', TONE_WARN, "pinned" },
	{ HEAT_EXTRA, 'g', TONE_WARN, "held by other references" },
	{ HEAT_HUGETLB, 'H', TONE_GOOD, "hugetlb" },
	{ HEAT_PMD, '#', TONE_GOOD, "PMD-mapped" },
	{ HEAT_PTE, '+', TONE_PLAIN, "large folios mapped by PTEs" },
	{ HEAT_BASE, '.', TONE_DIM, "base pages" },
	{ HEAT_PRESENT, 'o', TONE_PLAIN, "present" },
	{ HEAT_SWAPPED, 's', TONE_BAD, "swapped" },
	{ HEAT_ZERO, '0', TONE_DIM, "zero page" },
};

#define LETTERS (sizeof(letters) / sizeof(letters[0]))

/* Cells in a line, of a power of two, so that addresses are round. */
static size_t line_cells(const struct style *style, size_t lead)
{
	size_t room = style->width > lead + 16 ? style->width - lead : 64, cells = 16;

	while (cells * 2 <= room && cells < 64)
		cells *= 2;
	return cells;
}

static size_t letter_of(unsigned heat)
{
	size_t i = 0;

	while (i < LETTERS && !(letters[i].heat & heat))
		i++;
	return i;
}

static void print_cells(FILE *stream, const uint16_t *cells, size_t count,
			const struct style *style, unsigned *used)
{
	for (size_t i = 0; i < count; i++) {
		size_t letter = letter_of(cells[i]);

		if (letter == LETTERS) {
			fputc(' ', stream);
			continue;
		}
		*used |= 1u << letter;
		tone_on(stream, style, letters[letter].tone);
		fputc(letters[letter].letter, stream);
		tone_off(stream, style, letters[letter].tone);
	}
}

static void print_legend(FILE *stream, unsigned used, const struct style *style)
{
	struct wrap wrap;

	wrap_begin(&wrap, stream, style, 0, 2);
	for (size_t i = 0; i < LETTERS; i++)
		if (used >> i & 1)
			wrap_printf(&wrap, "%c %s   ", letters[i].letter, letters[i].means);
	wrap_end(&wrap);
}

/* A cell may begin before its first VMA does: which address that is, nobody is told. */
static uint64_t first_mapped(const struct inspection *inspection, uint64_t start)
{
	const struct vma_list *list = &inspection->vmas;

	for (size_t i = 0; i < list->count; i++)
		if (list->vmas[i].end > start)
			return start > list->vmas[i].start ? start : list->vmas[i].start;
	return start;
}

void output_inspect_map(FILE *stream, const struct inspection *inspection,
			const struct inspect_view *view, const struct style *style)
{
	const struct heat *heat = &inspection->heat;
	char size[16], address[64];
	size_t lead = 24, cells = line_cells(style, lead);
	unsigned used = 0;

	fprintf(stream, "Map, one cell per %s:\n", size_text(heat->cell_bytes, size, sizeof(size)));
	for (size_t i = 0; i < heat->rows_count; i++) {
		const struct heat_row *row = &heat->rows[i];

		for (size_t at = 0, count; at < row->count; at += count) {
			uint64_t start = row->start + at * heat->cell_bytes;

			/* The first line of a row may begin in the middle. */
			count = cells - start / heat->cell_bytes % cells;
			if (count > row->count - at)
				count = row->count - at;
			address_text(inspection,
				     view->full ? start : first_mapped(inspection, start),
				     view->full, address, sizeof(address));
			/* The name of a file can be anything. */
			for (char *c = address; *c; c++)
				*c = plain(*c);
			fprintf(stream, "  %-*s ", (int)lead - 3, address);
			print_cells(stream, heat->cells + row->first + at, count, style, &used);
			fputc('\n', stream);
		}
	}
	print_legend(stream, used, style);
}
