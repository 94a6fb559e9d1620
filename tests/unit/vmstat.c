// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data.h"
#include "procfs/vmstat.h"
#include "tap.h"

static void recorded(void)
{
	char *text = data("vmstat-6.18");
	struct vmstat_sample sample;

	vmstat_parse(text, &sample);
	is_int(sample.value[VMSTAT_FOLL_PIN_ACQUIRED], 1025, "pins acquired");
	is_int(sample.value[VMSTAT_FOLL_PIN_RELEASED], 1022, "pins released");
	is_int(sample.value[VMSTAT_PSWPOUT], 1, "pages swapped out");
	is_int(sample.value[VMSTAT_PSWPIN], 0, "pages swapped in");
	is_int(sample.value[VMSTAT_THP_FAULT_ALLOC], 2, "THPs, not thp_fault_fallback");
	for (int i = 0; i < VMSTAT_COUNT; i++)
		ok(sample.value[i] >= 0, "6.18 has %s", vmstat_name((enum vmstat_item)i));
	free(text);

	/* 5.4 had no pin counters; without THP and swap others are missing, too. */
	vmstat_parse("nr_free_pages 1\nnr_kernel_misc_reclaimable 0\npgmigrate_success 7\n"
		     "pgmigrate_fail 0\n",
		     &sample);
	is_int(sample.value[VMSTAT_FOLL_PIN_ACQUIRED], -1, "no pin counters before 5.7");
	is_int(sample.value[VMSTAT_FOLL_PIN_RELEASED], -1, "neither of them");
	is_int(sample.value[VMSTAT_THP_SPLIT_PMD], -1, "kernel without THP");
	is_int(sample.value[VMSTAT_PGMIGRATE_SUCCESS], 7, "what is there counts");
	is_int(sample.value[VMSTAT_PGMIGRATE_FAIL], 0, "zero is not unknown");
}

static int64_t pins(const char *text)
{
	struct vmstat_sample sample;

	vmstat_parse(text, &sample);
	return sample.value[VMSTAT_FOLL_PIN_ACQUIRED];
}

static void hostile(void)
{
	is_int(pins(""), -1, "empty text");
	is_int(pins("nr_foll_pin_acquired"), -1, "no value");
	is_int(pins("nr_foll_pin_acquired \n"), -1, "empty value");
	is_int(pins("nr_foll_pin_acquired 5"), 5, "no newline");
	is_int(pins("nr_foll_pin_acquired -5\n"), -1, "negative");
	is_int(pins("nr_foll_pin_acquired 5x\n"), -1, "more behind the number");
	is_int(pins("nr_foll_pin_acquired 9223372036854775807\n"), INT64_MAX, "largest");
	is_int(pins("nr_foll_pin_acquired 9223372036854775808\n"), -1, "too large");
	is_int(pins("nr_foll_pin_acquired 99999999999999999999\n"), -1, "much too large");
	is_int(pins("xnr_foll_pin_acquired 5\n"), -1, "another name that ends so");
	is_int(pins("nr_foll_pin_acquiredx 5\n"), -1, "another name that begins so");
	is_int(pins("\n\n \n 3\nnr_foll_pin_acquired 5\n"), 5, "empty lines");
}

static void deltas(void)
{
	struct vmstat_sample before, after, delta;

	for (int i = 0; i < VMSTAT_COUNT; i++) {
		before.value[i] = 10;
		after.value[i] = 10;
	}
	after.value[0] = 522;
	before.value[1] = -1;
	after.value[2] = -1;
	after.value[3] = 9;
	vmstat_delta(&before, &after, &delta);
	is_int(delta.value[0], 512, "difference");
	is_int(delta.value[1], -1, "unknown before");
	is_int(delta.value[2], -1, "unknown after");
	is_int(delta.value[3], -1, "a counter that went back");
	is_int(delta.value[4], 0, "nothing happened");
	vmstat_delta(&before, &after, &before);
	is_int(before.value[0], 512, "in place");
}

static void own(void)
{
	struct vmstat_sample sample, again;
	struct vmstat vmstat;
	int err;

	is_int(vmstat_open(&vmstat), 0, "/proc/vmstat opens");
	is_int(vmstat_read(&vmstat, &sample), 0, "it is read");
	err = vmstat_read_folded(&vmstat, &again);
	ok(err == 0 || err == 1, "again, folded");
	ok(again.value[VMSTAT_THP_FAULT_ALLOC] >= sample.value[VMSTAT_THP_FAULT_ALLOC],
	   "from its start");
	ok(err || geteuid() == 0, "only root folds");
	vmstat_close(&vmstat);
	ok(vmstat_read(&vmstat, &sample) < 0 && sample.value[0] == -1, "closed, nothing is known");
	ok(vmstat_read_folded(&vmstat, &sample) < 0 && sample.value[0] == -1, "nor folded");
}

int main(void)
{
	recorded();
	hostile();
	deltas();
	own();
	return done_testing();
}
