// SPDX-License-Identifier: GPL-2.0-or-later
/* The reference that the counters of the whole machine show. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "case/evidence.h"
#include "memory/memory.h"
#include "tap.h"

static void count(const struct evidence *evidence, int acquired, int released)
{
	char text[128];
	int size = snprintf(text, sizeof(text),
			    "nr_foll_pin_acquired %d\nnr_foll_pin_released %d\n", acquired,
			    released);

	if (ftruncate(evidence->vmstat.counters, 0) ||
	    pwrite(evidence->vmstat.counters, text, (size_t)size, 0) != size)
		bail_out("cannot write a file");
}

/* From 1000 acquired and 900 released on. */
static void observe_of(enum pin_class class, unsigned traits, int acquired, int released,
		       enum pin_observed observed, int64_t pins, const char *what)
{
	struct outcome outcome = { .pin_class = class, .pins_acquired = -1 };
	const struct memory_ops ops = { .traits = traits };
	const struct region region = { .ops = &ops };
	FILE *file = tmpfile();
	struct evidence evidence = {
		.outcome = &outcome,
		.vmstat = { .counters = file ? fileno(file) : -1,
			    .refresh = open("/dev/null", O_WRONLY | O_CLOEXEC) },
	};

	if (!file || evidence.vmstat.refresh < 0)
		bail_out("no file");
	count(&evidence, 1000, 900);
	evidence_ready(&evidence);
	count(&evidence, acquired, released);
	evidence_pinned(&evidence, &region);
	is_int(outcome.observed, observed, "%s", what);
	is_int(outcome.pins_acquired, pins, "%s: pins", what);
	close(evidence.vmstat.refresh);
	fclose(file);
}

static void observe(int acquired, int released, enum pin_observed observed, int64_t pins,
		    const char *what)
{
	observe_of(PIN_CLASS_PIN, MEMORY_WRITTEN, acquired, released, observed, pins, what);
}

int main(void)
{
	observe(1512, 900, PIN_OBSERVED_PIN, 512, "FOLL_PIN");
	observe(1000, 900, PIN_OBSERVED_GET, 0, "FOLL_GET");
	observe(1000, 901, PIN_OBSERVED_GET, 0, "FOLL_GET, an earlier pin let go of late");
	observe(1512, 1412, PIN_OBSERVED_UNKNOWN, -1, "as many let go of late as are pinned");
	observe(1512, 1411, PIN_OBSERVED_PIN, 1, "fewer let go of late than are pinned");
	observe_of(PIN_CLASS_ODP, MEMORY_WRITTEN, 1000, 900, PIN_OBSERVED_UNKNOWN, 0,
		   "on-demand paging takes no reference");
	observe_of(PIN_CLASS_ODP, MEMORY_WRITTEN, 1512, 900, PIN_OBSERVED_PIN, 512,
		   "it would be seen if it did");
	observe_of(PIN_CLASS_PIN, 0, 1000, 900, PIN_OBSERVED_UNKNOWN, 0,
		   "a pin of the zero page may not be counted");
	return done_testing();
}
