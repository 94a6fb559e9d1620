// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/probe/page.h"

#include <string.h>

/* include/linux/mm.h: GUP_PIN_COUNTING_BIAS */
#define PIN_BIAS 1024

/* 16 GiB, the largest hugetlb page there is (powerpc); on x86 1 GiB. */
#define ORDER_MAX 24

/* Bytes of a struct page (include/linux/mm.h: __mm_zero_struct_page()) */
#define PAGE_SIZE_MIN 56
#define PAGE_SIZE_MAX 96

/* Low bits of struct page.mapping (include/linux/page-flags.h) */
#define MAPPING_ANON 1u
#define MAPPING_FLAGS 3u

/*
 * A tail's link holds a pointer to its head or, since 7.0, a mask that makes the
 * head's address from its own (compound_info_has_mask()). No memory map lies
 * where the masks are.
 */
#define LINK_TAIL 1u
#define LOWEST_MASK 0xffffff0000000000u

static const struct {
	size_t field;
	bool required;
	uint32_t pages;      /* within so many struct pages */
	const char *path[4]; /* newest first, unless an older one's name means something else now */
} fields[] = {
	{ offsetof(struct page_layout, flags), true, 1, { "page.flags" } },
	{ offsetof(struct page_layout, link),
	  true,
	  1,
	  { "page.compound_info", "page.compound_head" } },
	{ offsetof(struct page_layout, mapcount), true, 1, { "page._mapcount" } },
	{ offsetof(struct page_layout, refcount), true, 1, { "page._refcount" } },
	{ offsetof(struct page_layout, mapping), true, 1, { "page.mapping" } },
	{ offsetof(struct page_layout, index), true, 1, { "folio.index", "page.index" } },
	{ offsetof(struct page_layout, private), true, 1, { "page.private" } },
	/* _flags_1 is older than the order in its low bits. */
	{ offsetof(struct page_layout, order),
	  true,
	  FOLIO_FIRST_PAGES,
	  { "page[1].compound_order", "folio._folio_order", "folio._flags_1" } },
	{ offsetof(struct page_layout, pages),
	  false,
	  FOLIO_FIRST_PAGES,
	  { "folio._nr_pages", "folio._folio_nr_pages", "page[1].compound_nr" } },
	{ offsetof(struct page_layout, pins),
	  true,
	  FOLIO_FIRST_PAGES,
	  { "folio._pincount", "page[1].compound_pincount", "page[2].hpage_pinned_refcount" } },
	{ offsetof(struct page_layout, large_mapcount),
	  false,
	  FOLIO_FIRST_PAGES,
	  { "folio._large_mapcount" } },
	{ offsetof(struct page_layout, whole),
	  true,
	  FOLIO_FIRST_PAGES,
	  { "page[1].compound_mapcount", "folio._entire_mapcount" } },
	{ offsetof(struct page_layout, destructor),
	  false,
	  FOLIO_FIRST_PAGES,
	  { "page[1].compound_dtor" } },
};

static int find_fields(struct page_layout *layout, struct types *types, struct reason *why)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct member *member = (void *)((char *)layout + fields[i].field);
		int err = -ENOENT;

		for (size_t k = 0; k < 4 && err && fields[i].path[k]; k++)
			err = types_member(types, fields[i].path[k], member);
		if (err && fields[i].required)
			return fail(why, EPROTO,
				    "struct page of this kernel is unlike any known: no %s",
				    fields[i].path[0]);
		/* All are numbers, or an atomic_t around one. */
		if (!err && (!member->size || member->size > 8))
			return fail(why, EPROTO,
				    "struct page of this kernel is unlike any known: %s has %u bytes",
				    fields[i].path[0], member->size);
		if (!err && member->offset > fields[i].pages * layout->size - member->size)
			return fail(why, EPROTO,
				    "struct page of this kernel is unlike any known: %s lies at byte %u",
				    fields[i].path[0], member->offset);
	}
	return 0;
}

static uint64_t flag_mask(const struct types *types, const char *name)
{
	int64_t bit;

	return types_enum(types, "pageflags", name, &bit) || bit < 0 || bit > 63 ?
		       0 :
		       UINT64_C(1) << bit;
}

static int64_t constant(const struct types *types, const char *type, const char *name)
{
	int64_t value;

	return types_enum(types, type, name, &value) ? -1 : value;
}

int page_layout_init(struct page_layout *layout, struct types *types, struct reason *why)
{
	static const char *const flags[] = {
		"PG_locked",     "PG_dirty",     "PG_lru",         "PG_writeback",
		"PG_swapbacked", "PG_swapcache", "PG_unevictable", "PG_mlocked",
		"PG_private",    "PG_reserved",  "PG_hwpoison",
	};
	struct member mask;
	int err;

	memset(layout, 0, sizeof(*layout));
	if (types_size(types, "page", &layout->size))
		return fail(why, EPROTO, "the types of this kernel have no struct page");
	if (layout->size < PAGE_SIZE_MIN || layout->size > PAGE_SIZE_MAX)
		return fail(why, EPROTO,
			    "struct page of this kernel is unlike any known: it has %u bytes",
			    layout->size);
	err = find_fields(layout, types, why);
	if (err)
		return err;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		layout->bit[i] = flag_mask(types, flags[i]);
		layout->bits |= layout->bit[i];
	}
	layout->bit_head = flag_mask(types, "PG_head");
	layout->bit_double_map = flag_mask(types, "PG_double_map");
	layout->bit_exclusive = flag_mask(types, "PG_anon_exclusive");
	layout->bits |= layout->bit_head | layout->bit_double_map | layout->bit_exclusive;
	if (!layout->bit_head || !layout->bit[2])
		return fail(why, EPROTO, "the page flags of this kernel have no PG_head or PG_lru");
	layout->hugetlb_destructor = constant(types, "compound_dtor_id", "HUGETLB_PAGE_DTOR");
	layout->hugetlb_type = constant(types, "pagetype", "PGTY_hugetlb");
	layout->pins_above_order_1 = !types_member(types, "page.hpage_pinned_refcount", &mask);
	layout->link_has_mask = !types_member(types, "page.compound_info", &mask);
	return 0;
}

static uint64_t number(const void *raw, const struct member *member)
{
	const char *at = (const char *)raw + member->offset;
	uint64_t u64;
	uint32_t u32;

	switch (member->size) {
	case 8:
		memcpy(&u64, at, 8);
		return u64;
	case 4:
		memcpy(&u32, at, 4);
		return u32;
	default:
		return *(const unsigned char *)at;
	}
}

/* An atomic_t */
static int64_t count_at(const void *raw, const struct member *member)
{
	return (int32_t)number(raw, member);
}

/* PFN of a struct page's address; -EBADMSG for one that is none. */
static int pfn_of(const struct page_layout *layout, uint64_t address, uint64_t vmemmap,
		  uint64_t *pfn)
{
	if (address < vmemmap || (address - vmemmap) % layout->size)
		return -EBADMSG;
	*pfn = (address - vmemmap) / layout->size;
	return 0;
}

int page_head(const struct page_layout *layout, const void *raw, uint64_t pfn, uint64_t vmemmap,
	      uint64_t *head)
{
	uint64_t address = vmemmap + pfn * layout->size;
	uint64_t link = number(raw, &layout->link);

	*head = pfn;
	if (!(link & LINK_TAIL)) {
		uint64_t next;

		if (pfn % 64 || !(number(raw, &layout->flags) & layout->bit_head))
			return 0;
		/* The tail behind a true head points back to it. */
		next = number((const char *)raw + layout->size, &layout->link);
		if (!(next & LINK_TAIL) || next >= LOWEST_MASK)
			return 0;
		return pfn_of(layout, next - LINK_TAIL, vmemmap, head) || *head > pfn ? -EBADMSG :
											0;
	}
	if (layout->link_has_mask && link >= LOWEST_MASK)
		address &= link;
	else
		address = link - LINK_TAIL;
	if (pfn_of(layout, address, vmemmap, head) || *head >= pfn)
		return -EBADMSG;
	return 0;
}

static uint32_t folio_flags(const struct page_layout *layout, const void *raw)
{
	uint64_t flags = number(raw, &layout->flags), mapping = number(raw, &layout->mapping);
	uint32_t type = (uint32_t)number(raw, &layout->mapcount);
	uint32_t result = 0;

	for (unsigned i = 0; i < sizeof(layout->bit) / sizeof(layout->bit[0]); i++)
		if (flags & layout->bit[i])
			result |= 1u << i;
	/* The swap cache's bit is that of other things on other pages. */
	if (!(result & FOLIO_SWAPBACKED))
		result &= ~FOLIO_SWAPCACHE;
	/* A type lies where the mapcount is, with the highest bit set. */
	if ((int32_t)type < -1)
		result |= FOLIO_TYPED;
	if (result & FOLIO_TYPED && layout->hugetlb_type >= 0 &&
	    type >> 24 == (uint32_t)layout->hugetlb_type)
		result = (result & ~FOLIO_TYPED) | FOLIO_HUGETLB;
	if (result & FOLIO_TYPED)
		return result;
	if (mapping & MAPPING_ANON)
		result |= FOLIO_ANON | (flags & layout->bit_exclusive ? FOLIO_EXCLUSIVE : 0);
	else if (mapping & ~(uint64_t)MAPPING_FLAGS)
		result |= FOLIO_CACHE;
	if ((mapping & MAPPING_FLAGS) == MAPPING_FLAGS)
		result |= FOLIO_KSM;
	return result;
}

/* The mapcount of one page by PTEs; a type in its place counts as none. */
static int64_t own_mapcount(const struct page_layout *layout, const void *raw)
{
	int64_t count = count_at(raw, &layout->mapcount);

	return count < -1 ? 0 : count + 1;
}

/*
 * Until 6.9 no field has the sum. Until 6.1 the pages of a file's huge page count
 * the mappings of the whole, too, and those of an anonymous one that is mapped
 * both ways have one more (PG_double_map of the second page).
 */
static int64_t summed_mapcount(const struct page_layout *layout, const char *raw,
			       const struct folio *folio)
{
	int64_t pages = INT64_C(1) << folio->order, sum = folio->whole;

	for (int64_t i = 0; i < pages; i++)
		sum += own_mapcount(layout, raw + i * layout->size);
	if (layout->bit_double_map) {
		if (!(folio->flags & FOLIO_ANON))
			sum -= folio->whole * pages;
		else if (folio->double_mapped)
			sum -= pages;
	}
	return sum;
}

static int decode_large(const struct page_layout *layout, const char *raw, size_t count,
			struct folio *folio)
{
	uint64_t order;

	if (count < FOLIO_FIRST_PAGES)
		return FOLIO_FIRST_PAGES;
	order = number(raw, &layout->order) & 0xff;
	if (!order || order > ORDER_MAX || folio->head & ((UINT64_C(1) << order) - 1))
		return -EBADMSG;
	if (layout->pages.size && number(raw, &layout->pages) != UINT64_C(1) << order)
		return -EBADMSG;
	folio->order = (unsigned)order;
	folio->whole = count_at(raw, &layout->whole) + 1;
	if (layout->hugetlb_destructor >= 0 && layout->destructor.size &&
	    number(raw, &layout->destructor) == (uint64_t)layout->hugetlb_destructor)
		folio->flags |= FOLIO_HUGETLB;
	folio->double_mapped = layout->bit_double_map && folio->flags & FOLIO_ANON &&
			       number(raw + layout->size, &layout->flags) & layout->bit_double_map;
	if (order > 1 || !layout->pins_above_order_1) {
		folio->pin_weight = 1;
		folio->pins = count_at(raw, &layout->pins);
	}
	if (layout->large_mapcount.size) {
		folio->mapcount = count_at(raw, &layout->large_mapcount) + 1;
	} else if (folio->flags & FOLIO_HUGETLB) {
		folio->mapcount = folio->whole;
	} else {
		if (count < (size_t)1 << order)
			return 1 << order;
		folio->mapcount = summed_mapcount(layout, raw, folio);
	}
	return 0;
}

/* Before they are told apart, pins are among the gets. */
static int64_t biased_pins(const struct folio *folio)
{
	int64_t excess = folio_pins(folio).gets;

	return excess > 0 ? excess / PIN_BIAS : 0;
}

/* The address_space or anon_vma, index and swap entry: what is of each folio its own. */
static void decode_own(const struct page_layout *layout, const void *raw, struct folio *folio)
{
	folio->mapping = number(raw, &layout->mapping) & ~(uint64_t)MAPPING_FLAGS;
	folio->index = number(raw, &layout->index);
	folio->private = number(raw, &layout->private);
}

int folio_decode(const struct page_layout *layout, const void *raw, size_t count, uint64_t head,
		 struct folio *folio)
{
	int more = 0;

	memset(folio, 0, sizeof(*folio));
	folio->head = head;
	folio->pin_weight = PIN_BIAS;
	folio->flags = folio_flags(layout, raw);
	folio->refcount = count_at(raw, &layout->refcount);
	decode_own(layout, raw, folio);
	if (number(raw, &layout->link) & LINK_TAIL)
		return -EBADMSG;
	if (number(raw, &layout->flags) & layout->bit_head) {
		more = decode_large(layout, raw, count, folio);
		if (more)
			return more;
	} else {
		folio->mapcount = own_mapcount(layout, raw);
	}
	if (folio->pin_weight == PIN_BIAS)
		folio->pins = biased_pins(folio);
	return 0;
}

void page_decode(const struct page_layout *layout, const struct folio *folio, const void *raw,
		 uint64_t pfn, struct page_state *page)
{
	page->pfn = pfn;
	page->like_last = false;
	if (folio != &page->folio)
		page->folio = *folio;
	page->mapcount = own_mapcount(layout, raw);
	if (folio->order)
		page->mapcount += folio->whole;
	/* See summed_mapcount(): the page's own count has these already. */
	if (layout->bit_double_map && folio->flags & FOLIO_CACHE &&
	    !(folio->flags & FOLIO_HUGETLB) && folio->order)
		page->mapcount -= folio->whole;
	if (folio->double_mapped)
		page->mapcount--;
	page->exclusive = folio->flags & FOLIO_ANON &&
			  number(raw, &layout->flags) & layout->bit_exclusive;
}

struct page_likeness page_likeness(const struct page_layout *layout, const void *raw)
{
	uint64_t mapping = number(raw, &layout->mapping);

	return (struct page_likeness){
		.flags = number(raw, &layout->flags) & layout->bits,
		.counts = number(raw, &layout->refcount) << 32 | number(raw, &layout->mapcount),
		.mapping = (unsigned)(mapping & MAPPING_FLAGS) |
			   (mapping & ~(uint64_t)MAPPING_FLAGS ? MAPPING_FLAGS + 1 : 0) |
			   (number(raw, &layout->link) & LINK_TAIL ? 2 * (MAPPING_FLAGS + 1) : 0),
	};
}

void page_decode_like(const struct page_layout *layout, const void *raw, uint64_t pfn,
		      struct page_state *page)
{
	page->pfn = pfn;
	page->like_last = true;
	page->folio.head = pfn;
	decode_own(layout, raw, &page->folio);
}

struct folio_pins folio_pins(const struct folio *folio)
{
	int64_t pages = INT64_C(1) << folio->order;
	struct folio_pins found = {
		.pins = folio->pins,
		.pins_exact = folio->pin_weight == 1,
		.gets_known = folio->flags & (FOLIO_ANON | FOLIO_CACHE),
	};

	found.gets = folio->refcount - folio->mapcount;
	if (folio->flags & FOLIO_SWAPCACHE)
		found.gets -= pages;
	if (folio->flags & FOLIO_CACHE) {
		found.gets -= pages + !!(folio->flags & FOLIO_PRIVATE);
		/* The page cache counted a hugetlb folio once until 6.6, since then each page. */
		if (folio->flags & FOLIO_HUGETLB)
			found.gets_known = false;
	}
	found.gets -= folio->pins * folio->pin_weight;
	return found;
}
