// SPDX-License-Identifier: GPL-2.0-or-later
#include <fnmatch.h>
#include <inttypes.h>
#include <string.h>

#include "host/environment.h"
#include "host/host.h"
#include "inspect/inspection.h"
#include "output/report_parts.h"
#include "output/words.h"
#include "pins/pins.h"
#include "races/races.h"
#include "util/names.h"

/* Settings of a word or two, which share a paragraph. */
static bool is_short(enum environment_item item)
{
	return item == ENVIRONMENT_MTHP || item == ENVIRONMENT_KHUGEPAGED ||
	       item == ENVIRONMENT_KSM || item == ENVIRONMENT_SWAP ||
	       item == ENVIRONMENT_NUMA_BALANCING || item == ENVIRONMENT_HUGETLB ||
	       item == ENVIRONMENT_LOCKDOWN;
}

static void print_short(const struct report *report, const struct environment *environment)
{
	static const char more[] = " ...";
	char text[8192] = "";
	size_t used = 0, most = report->lines ? 16 * report->lines : ENVIRONMENT_TEXT;
	bool cut = false;

	for (enum environment_item item = 0; item < ENVIRONMENT_COUNT; item++) {
		const char *value = *environment->text[item] ? environment->text[item] :
							       "none here";
		bool fits = strlen(value) <= most;

		if (!is_short(item) || used >= sizeof(text))
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s: %.*s%s",
					 used ? "; " : "", environment_title(item),
					 (int)(fits ? most : text_cut(value, most - strlen(more))),
					 value, fits ? "" : more);
		cut |= !fits;
	}
	report_line(report, "settings", "%s%s", text, cut ? " (--full)" : "");
}

void report_environment(const struct report *report)
{
	const struct host *host = report->run->host;
	const struct environment *environment = report->run->environment;
	char thp[32] = "none", hidden[ENVIRONMENT_TEXT + 32];

	report_head(report, "Where");
	if (host->thp_size)
		size_text(host->thp_size, thp, sizeof(thp));
	report_line(report, "kernel", "%s %s %s %s", host->uts.sysname, host->uts.release,
		    host->uts.machine, host->uts.version);
	report_line(report, "machine",
		    "%u CPU%s, %" PRIu64 " MiB, %u node%s, THP of %s (%s), run as %s", host->cpus,
		    host->cpus == 1 ? "" : "s", host->memory_kb >> 10, host->nodes,
		    host->nodes == 1 ? "" : "s", thp, host->thp_mode,
		    !host->admin         ? "user" :
		    host->user_namespace ? "root in a user namespace" :
					   "root");
	if (!environment)
		report_line(report, "settings", "not recorded by that version of thpin");
	for (enum environment_item item = 0; environment && item < ENVIRONMENT_COUNT; item++) {
		const char *text = environment->text[item];

		if (*text && !is_short(item))
			report_setting(report, environment_title(item),
				       report_hide(report, text, hidden, sizeof(hidden)));
	}
	if (environment)
		print_short(report, environment);
}

#define REASONS_SHOWN 4

static bool untested(const struct case_result *result)
{
	enum verdict verdict = result->outcome.verdict;

	return !result->ran || verdict == VERDICT_SKIPPED || verdict == VERDICT_NO_EFFECT ||
	       verdict == VERDICT_ERROR;
}

/* The first with this verdict and reason speaks for all. */
static bool same(const struct case_result *a, const struct case_result *b)
{
	return untested(a) && a->ran == b->ran &&
	       (!a->ran || (a->outcome.verdict == b->outcome.verdict &&
			    !strcmp(a->outcome.reason.text, b->outcome.reason.text)));
}

void report_untested(const struct report *report)
{
	const struct run *run = report->run;
	unsigned shown = 0, more = 0;
	char hidden[320];

	if (!run->count && run->inspection)
		return;
	report_head(report, "What was not tested");
	for (size_t i = 0; i < run->count; i++) {
		const struct case_result *result = &run->results[i];
		unsigned count = 0;
		size_t first = 0;

		if (!untested(result))
			continue;
		while (!same(&run->results[first], result))
			first++;
		if (first != i)
			continue;
		for (size_t j = i; j < run->count; j++)
			count += same(&run->results[j], result);
		if (shown++ >= REASONS_SHOWN && !report->full) {
			more += count;
			continue;
		}
		report_line(report, "", "%u %s: %.*s", count,
			    result->ran ? verdict_words(result->outcome.verdict) : "not reached",
			    report->lines ? 55 * (int)report->lines : (int)sizeof(hidden),
			    report_hide(report, result->ran ? result->outcome.reason.text : "",
					hidden, sizeof(hidden)));
	}
	if (more)
		report_line(report, "", "%u more, for other reasons (--full shows them)", more);
	if (!shown)
		report_line(report, "", "All that was asked for was tested.");
	if (!run->host->pfn_visible)
		report_line(report, "", "Page frames were not visible: bytes alone were compared.");
}

/* Who keeps the code that takes the pin. */
static const char *list_of(const char *pin)
{
	static const struct {
		const char *pins, *list;
	} lists[] = {
		{ "odirect-block", "linux-block@vger.kernel.org (block/bio.c)" },
		{ "odirect-*", "linux-fsdevel@vger.kernel.org (fs/fuse/file.c)" },
		{ "aio*", "linux-aio@kvack.org, linux-fsdevel@vger.kernel.org (fs/aio.c)" },
		{ "uring-*", "io-uring@vger.kernel.org (io_uring/rsrc.c)" },
		{ "vmsplice*", "linux-fsdevel@vger.kernel.org (fs/splice.c)" },
		{ "xdp-*", "netdev@vger.kernel.org, bpf@vger.kernel.org (net/xdp/xdp_umem.c)" },
		{ "msg-*", "netdev@vger.kernel.org (net/core/skbuff.c)" },
		{ "udmabuf*", "dri-devel@lists.freedesktop.org (drivers/dma-buf/udmabuf.c)" },
		{ "rdma*", "linux-rdma@vger.kernel.org (drivers/infiniband/core/umem.c)" },
		{ "vfio*", "kvm@vger.kernel.org (drivers/vfio/vfio_iommu_type1.c)" },
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (!fnmatch(lists[i].pins, pin, 0))
			return lists[i].list;
	return NULL;
}

void report_recipients(const struct report *report)
{
	const struct run *run = report->run;
	bool leak = false, unexpected = false, any = false;
	const char *list = NULL;

	for (size_t i = 0; i < run->count; i++) {
		const struct case_result *result = &run->results[i];

		if (result->control || !result_bad(result))
			continue;
		any = true;
		if (!result_unexpected(result))
			continue;
		unexpected = true;
		leak |= result->outcome.loss[LOSS_LEAK].pages > 0;
		if (!list)
			list = list_of(result->id.pin->name);
	}
	any |= run->inspection && run->inspection->hazards_count;
	report_head(report, "For whom");
	if (leak)
		report_line(report, "first", "security@kernel.org, not in public: data leaks");
	if (unexpected) {
		report_line(report, "to", "linux-mm@kvack.org (mm/gup.c, mm/memory.c)%s%s",
			    list ? ", " : "", list ? list : "");
		report_line(report, "regression?",
			    "if an older kernel keeps it in sync: regressions@lists.linux.dev; "
			    "thpin boot under git bisect finds the commit");
	} else if (any) {
		report_line(report, "",
			    "The authors of the program that does this, and the distributor of the "
			    "kernel: upstream knows it (linux-mm@kvack.org for questions).");
	} else if (report->answer == ANSWER_OPEN) {
		report_line(report, "", "Nobody yet: nothing was found out.");
	} else {
		report_line(report, "", "Nobody: nothing was found that should not be.");
	}
	if (any)
		report_line(report, "have ready",
			    "the output of dmesg, and the .config of the kernel");
}
