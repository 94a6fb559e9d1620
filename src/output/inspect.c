// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/inspect.h"

#include <inttypes.h>
#include <string.h>

#include "host/host.h"
#include "inspect/hazards.h"
#include "output/table.h"
#include "output/text.h"
#include "util/names.h"

static size_t count_columns(const struct column *columns)
{
	size_t count = 0;

	while (columns[count].name)
		count++;
	return count;
}

int output_inspect_check(const struct inspect_view *view, struct reason *why)
{
	const struct column *columns = inspect_columns(view->which);
	struct table table;

	return table_choose(&table, columns, count_columns(columns), &view->table, why);
}

static int add_rows(struct table *table, const struct inspection *inspection,
		    const struct inspect_view *view)
{
	bool holders = view->which == INSPECT_HOLDERS;
	size_t count = holders ? inspection->holders_count : inspection->vmas.count;
	struct inspect_row row = { inspection, view, 0 };
	int err = 0;

	for (; !err && row.index < count; row.index++)
		err = table_add(table, &row, holders ? holder_cell : vma_cell);
	return err;
}

int output_inspect_table(FILE *stream, const struct inspect_list *list,
			 const struct inspect_view *view, const struct style *style,
			 struct reason *why)
{
	static const char *const names[INSPECT_TABLES] = { "holders", "vmas" };
	const struct column *columns = inspect_columns(view->which);
	struct table table;
	int err;

	err = table_choose(&table, columns, count_columns(columns), &view->table, why);
	if (err)
		return err;
	err = table_begin(&table, names[view->which], stream, &view->table, style);
	for (size_t i = 0; !err && i < list->count; i++)
		err = add_rows(&table, list->inspections[i], view);
	if (!err)
		err = table_print(&table, style);
	table_free(&table);
	return err ? fail_errno(why, -err, "table of %s", names[view->which]) : 0;
}

void output_inspect_nothing(FILE *stream, size_t processes, const struct probe *probe)
{
	fprintf(stream, "Nothing was found that pins memory of the %zu process%s looked at.\n",
		processes, processes == 1 ? "" : "es");
	if (!probe_reads(probe))
		fputs("Most of what can hold it needs kernel memory to be found (see: thpin list probes).\n",
		      stream);
}

/* Rounded to a tenth, for sentences. */
static const char *amount(const struct inspection *inspection, uint64_t pages, char *text,
			  size_t size)
{
	double bytes = (double)pages * (double)inspection->host->page_size;
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	unsigned unit = 0;

	while (bytes >= 1024 && unit < 4) {
		bytes /= 1024;
		unit++;
	}
	snprintf(text, size, bytes < 10 && unit > 1 ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
	return text;
}

/* "PID 4711 qemu   6.1 GiB resident, 5.9 GiB in THPs, 2.0 GiB pinned   probe bpf" */
static void print_head(FILE *stream, const struct inspection *inspection, const struct style *style)
{
	const struct totals *totals = &inspection->totals;
	struct wrap wrap;
	char text[32];

	wrap_begin(&wrap, stream, style, 0, 4);
	wrap_tone(&wrap, TONE_HEAD);
	wrap_printf(&wrap, "PID %d %s   ", (int)inspection->target.pid, inspection->target.comm);
	wrap_printf(&wrap, "%s resident, ",
		    amount(inspection, totals_resident(totals), text, sizeof(text)));
	wrap_printf(&wrap, "%s in THPs",
		    amount(inspection, totals_thp(totals), text, sizeof(text)));
	if (probe_reads(inspection->probe)) {
		wrap_printf(&wrap, ", %s pinned",
			    amount(inspection, totals->pinned, text, sizeof(text)));
		if (totals->extra)
			wrap_printf(&wrap, ", %s with other references",
				    amount(inspection, totals->extra, text, sizeof(text)));
	} else {
		size_t page_kb = inspection->host->page_size / 1024;

		wrap_printf(&wrap, ", VmPin %s",
			    amount(inspection, inspection->target.pinned_kb / page_kb, text,
				   sizeof(text)));
		wrap_printf(&wrap, ", VmLck %s",
			    amount(inspection, inspection->target.locked_kb / page_kb, text,
				   sizeof(text)));
	}
	wrap_printf(&wrap, "   probe %s", inspection->probe->ops->name);
	wrap_end(&wrap);
	if (inspection->level_why.text[0]) {
		wrap_begin(&wrap, stream, style, 0, 4);
		wrap_printf(&wrap, "No better probe: %s", inspection->level_why.text);
		wrap_end(&wrap);
	}
}

/*
 * Without kernel memory: what the kernel counts, of io_uring and RDMA
 * (mm->pinned_vm), is more than what was found.
 */
static void print_uncounted(FILE *stream, const struct inspection *inspection,
			    const struct style *style)
{
	size_t page = inspection->host->page_size;
	uint64_t found = 0, counted = inspection->target.pinned_kb * 1024 / page;
	struct wrap wrap;
	char text[32];

	for (size_t i = 0; i < inspection->holders_count; i++)
		found += (inspection->holders[i].end - inspection->holders[i].start) / page;
	if (probe_reads(inspection->probe) || counted <= found)
		return;
	wrap_begin(&wrap, stream, style, 0, 2);
	wrap_printf(&wrap,
		    "The kernel counts %s more as pinned (VmPin) than was found: by RDMA "
		    "of other processes or of threads that have ended, or by io_urings that other "
		    "processes have or that have no descriptor.",
		    amount(inspection, counted - found, text, sizeof(text)));
	wrap_end(&wrap);
}

/* The sentence to act on, or that there is nothing to do. */
static void print_verdict(FILE *stream, const struct inspection *inspection,
			  const struct style *style)
{
	uint64_t pages[SYNC_COUNT] = { 0 }, parted, apart = 0;
	struct wrap wrap;

	for (size_t i = 0; i < inspection->holders_count; i++)
		apart += inspection->holders[i].swapped_apart;
	for (size_t i = 0; i < inspection->holders_count; i++)
		for (unsigned sync = 0; sync < SYNC_COUNT; sync++)
			pages[sync] += inspection->holders[i].pages[sync];
	parted = pages[SYNC_OUT] + pages[SYNC_UNMAPPED];
	wrap_begin(&wrap, stream, style, 0, 2);
	if (!inspection->holders_count) {
		wrap_text(&wrap, "Nothing was found that pins memory of this process.");
		if (inspection->totals.extra)
			wrap_text(&wrap,
				  " The other references were in passing, or are to pages of files "
				  "or of shared memory, as the kernel takes them, too: --vmas (EXTRA) "
				  "tells where.");
	} else if (parted) {
		wrap_tone(&wrap, TONE_BAD);
		wrap_printf(&wrap,
			    "%" PRIu64
			    " pinned pages are no longer those that the process has: %" PRIu64
			    " have another page in their place, %" PRIu64 " none. What a device"
			    " writes there is lost, and it does not see what the process writes.",
			    parted, pages[SYNC_OUT], pages[SYNC_UNMAPPED]);
	} else if (pages[SYNC_IN]) {
		wrap_printf(&wrap, "All %" PRIu64 " pages compared are those that the process has.",
			    pages[SYNC_IN]);
	} else if (!pages[SYNC_UNKNOWN] && !pages[SYNC_SWAPPED]) {
		wrap_text(&wrap, "What holds the memory cannot be named, so nothing was compared.");
	}
	if (pages[SYNC_UNKNOWN])
		wrap_printf(&wrap, "%s%" PRIu64 " pages could not be compared.",
			    parted || pages[SYNC_IN] ? " " : "", pages[SYNC_UNKNOWN]);
	if (pages[SYNC_SWAPPED])
		wrap_printf(&wrap,
			    " %" PRIu64 " pages are swapped out, of which %" PRIu64
			    " come back as others than what is pinned.",
			    pages[SYNC_SWAPPED], apart);
	wrap_end(&wrap);
}

/* Once, however many holders have it: what to do is the same. */
static void print_hazard(FILE *stream, const struct inspection *inspection, enum hazard_code code,
			 const struct style *style, bool full)
{
	const struct hazard *first = NULL;
	uint64_t pages = 0, places = 0;
	char from[64];
	struct wrap wrap;

	for (size_t i = 0; i < inspection->hazards_count; i++) {
		const struct hazard *hazard = &inspection->hazards[i];

		if (hazard->code != code)
			continue;
		first = first ? first : hazard;
		pages += hazard->pages;
		places++;
	}
	if (!first)
		return;
	wrap_begin(&wrap, stream, style, 0, 4);
	wrap_tone(&wrap, code == HAZARD_DIVERGED ? TONE_BAD : TONE_WARN);
	wrap_printf(&wrap, "%s: %s", hazard_name(code), hazard_means(code));
	if (first->start) {
		wrap_printf(&wrap, " (%" PRIu64 " pages, ", pages);
		if (places > 1)
			wrap_printf(&wrap, "at %" PRIu64 " places, ", places);
		wrap_printf(&wrap, "from %s)",
			    address_text(inspection, first->start, full, from, sizeof(from)));
	}
	wrap_printf(&wrap, ". To do: %s.", hazard_remedy(code));
	wrap_end(&wrap);
}

/* Of all kinds that cannot be found for the same reason. */
static bool is_first_blind(const struct inspection *inspection, unsigned kind)
{
	const char *why = inspection->blind[kind].text;
	bool first = *why;

	for (unsigned i = 0; first && i < kind; i++)
		first = strcmp(inspection->blind[i].text, why) != 0;
	return first;
}

static void print_blind_alike(FILE *stream, const struct inspection *inspection, unsigned kind,
			      const struct style *style)
{
	const char *why = inspection->blind[kind].text;
	struct wrap wrap;

	wrap_begin(&wrap, stream, style, 0, 2);
	wrap_printf(&wrap, "Not found here is what is held by %s",
		    holder_kind_name((enum holder_kind)kind));
	for (unsigned i = kind + 1; i < HOLDER_KIND_COUNT; i++)
		if (!strcmp(inspection->blind[i].text, why))
			wrap_printf(&wrap, ", %s", holder_kind_name((enum holder_kind)i));
	wrap_printf(&wrap, ": %s", why);
	wrap_end(&wrap);
}

/* What holders that could not be named may be. */
static void print_blind(FILE *stream, const struct inspection *inspection,
			const struct style *style)
{
	bool unnamed = !probe_reads(inspection->probe);

	for (size_t i = 0; i < inspection->holders_count; i++)
		unnamed |= inspection->holders[i].kind == HOLDER_UNATTRIBUTED;
	for (unsigned i = 0; unnamed && i < HOLDER_KIND_COUNT; i++)
		if (is_first_blind(inspection, i))
			print_blind_alike(stream, inspection, i, style);
}

static void print_findings(FILE *stream, const struct inspection *inspection,
			   const struct inspect_view *view, const struct style *style)
{
	print_verdict(stream, inspection, style);
	print_uncounted(stream, inspection, style);
	print_blind(stream, inspection, style);
	for (enum hazard_code code = 0; code < HAZARD_COUNT; code++)
		print_hazard(stream, inspection, code, style, view->full);
}

void output_inspect_words(FILE *stream, const struct inspection *inspection,
			  const struct inspect_view *view, const struct style *style)
{
	print_head(stream, inspection, style);
	print_findings(stream, inspection, view, style);
}

int output_inspect(FILE *stream, const struct inspection *inspection,
		   const struct inspect_view *view, const struct style *style, struct reason *why)
{
	struct inspect_list list = { &inspection, 1 };
	int err = 0;

	print_head(stream, inspection, style);
	fputc('\n', stream);
	if (view->which == INSPECT_VMAS || inspection->holders_count) {
		err = output_inspect_table(stream, &list, view, style, why);
		fputc('\n', stream);
	}
	if (inspection->heat.rows_count) {
		output_inspect_map(stream, inspection, view, style);
		fputc('\n', stream);
	}
	print_findings(stream, inspection, view, style);
	return err;
}

/* True when one of the lines of @text is the @length bytes at @line. */
static bool has_line(const char *text, const char *line, size_t length)
{
	while (*text) {
		size_t here = strcspn(text, "\n");

		if (here == length && !memcmp(text, line, length))
			return true;
		text += here + (text[here] == '\n');
	}
	return false;
}

static void print_missing(FILE *stream, char mark, const char *text, const char *other)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		if (!has_line(other, text, length))
			fprintf(stream, "%c %.*s\n", mark, (int)length, text);
		text += length + (text[length] == '\n');
	}
}

void output_inspect_changes(FILE *stream, const char *before, const char *now)
{
	print_missing(stream, '-', before, now);
	print_missing(stream, '+', now, before);
}
