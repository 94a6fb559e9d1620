/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page's state in one line, so that a difference shows all that is known. */
#ifndef TESTS_PAGES_H
#define TESTS_PAGES_H

#include <stdio.h>

#include "inspect/probe/page.h"

#define PAGE_TEXT 160

static inline const char *page_text(const struct page_state *page, char text[PAGE_TEXT])
{
	struct folio_pins pins = folio_pins(&page->folio);

	snprintf(text, PAGE_TEXT,
		 "order %u map %lld all %lld whole %lld pins %lld%s gets %lld%s %s%s%s",
		 page->folio.order, (long long)page->mapcount, (long long)page->folio.mapcount,
		 (long long)page->folio.whole, (long long)pins.pins, pins.pins_exact ? "" : "~",
		 (long long)pins.gets, pins.gets_known ? "" : "?",
		 page->folio.flags & FOLIO_ANON ? "anon" : "",
		 page->folio.flags & FOLIO_CACHE ? "cache" : "",
		 page->folio.flags & FOLIO_SWAPBACKED ? " swapbacked" : "");
	return text;
}

#endif
