// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Documentation/admin-guide/reporting-issues.rst says what a report must have;
 * admin-guide/mm/ has the settings, admin-guide/tainted-kernels.rst the letters.
 */
#include "host/environment.h"

#include <ctype.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "host/kernel_config.h"
#include "host/libraries.h"
#include "util/io.h"

static const struct {
	const char *name, *title;
} items[ENVIRONMENT_COUNT] = {
	[ENVIRONMENT_DISTRIBUTION] = { "distribution", "distribution" },
	[ENVIRONMENT_COMPILER] = { "compiler", "compiler" },
	[ENVIRONMENT_TAINT] = { "taint", "taint" },
	[ENVIRONMENT_COMMAND_LINE] = { "command_line", "command line" },
	[ENVIRONMENT_THP] = { "thp", "THP" },
	[ENVIRONMENT_MTHP] = { "mthp", "mTHP" },
	[ENVIRONMENT_KHUGEPAGED] = { "khugepaged", "khugepaged" },
	[ENVIRONMENT_KSM] = { "ksm", "KSM" },
	[ENVIRONMENT_SWAP] = { "swap", "swap" },
	[ENVIRONMENT_NUMA_BALANCING] = { "numa_balancing", "NUMA balancing" },
	[ENVIRONMENT_HUGETLB] = { "hugetlb", "hugetlb" },
	[ENVIRONMENT_LOCKDOWN] = { "lockdown", "lockdown" },
	[ENVIRONMENT_CPU] = { "cpu", "CPU" },
	[ENVIRONMENT_LIBRARIES] = { "libraries", "libraries" },
	[ENVIRONMENT_CONFIG] = { "config", "CONFIG_" },
};

const char *environment_name(enum environment_item item)
{
	return items[item].name;
}

const char *environment_title(enum environment_item item)
{
	return items[item].title;
}

/* At the end of a text; what does not fit is cut. */
static __attribute__((format(printf, 3, 4))) void append(char *text, size_t size,
							 const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

void taint_text(unsigned long long taint, char *text, unsigned size)
{
	static const char letters[] = "PFSRMBUDAWCIOELKXTNJ";
	static const char *const meanings[] = {
		"proprietary module",    "module forced in",
		"out of specification",  "module forced out",
		"machine check",         "bad page",
		"asked for by user",     "died before",
		"ACPI table overridden", "warned before",
		"staging driver",        "firmware workaround",
		"out-of-tree module",    "unsigned module",
		"soft lockup before",    "live patched",
		"by distribution",       "randomized structs",
		"in-kernel test",        "fwctl",
	};
	const char *separator = "";

	snprintf(text, size, "%llu (", taint);
	if (!taint)
		append(text, size, "not tainted");
	for (unsigned bit = 0; bit < 64; bit++) {
		if (!(taint >> bit & 1))
			continue;
		if (bit < sizeof(letters) - 1)
			append(text, size, "%s%c: %s", separator, letters[bit], meanings[bit]);
		else
			append(text, size, "%sbit %u", separator, bit);
		separator = ", ";
	}
	append(text, size, ")");
}

void compiler_text(const char *version, char *text, unsigned size)
{
	/* "Linux version 6.1 (user@host) (gcc (Debian) 12.2.0, GNU ld 2.40) #1 SMP" */
	const char *from = strstr(version, ") ("), *to = from ? strstr(from, ") #") : NULL;

	text[0] = '\0';
	if (to && to > from + 3)
		snprintf(text, size, "%.*s", (int)(to - from - 3), from + 3);
}

/* Options that change what memory is made of, where it is, or who may look at it. */
void command_line_text(const char *line, char *text, unsigned size)
{
	static const char *const wanted[] = {
		"transparent_hugepage",
		"thp_",
		"hugepage",
		"default_hugepage",
		"hugetlb",
		"numa",
		"mem",
		"cma",
		"movable",
		"kernelcore",
		"lockdown",
		"init_on_",
		"debug_pagealloc",
		"page_",
		"slub_debug",
		"slab_",
		"iommu",
		"intel_iommu",
		"amd_iommu",
		"swiotlb",
		"mitigations",
		"nokaslr",
		"kasan",
		"kfence",
		"zswap",
		"cgroup",
		"preempt",
		"vfio",
		"pti",
		"nopti",
		"ksm",
	};
	char *copy = strdup(line), *rest = copy, *word;

	text[0] = '\0';
	while (copy && (word = strsep(&rest, " \n"))) {
		for (size_t i = 0; *word && i < sizeof(wanted) / sizeof(wanted[0]); i++) {
			if (strncmp(word, wanted[i], strlen(wanted[i])))
				continue;
			append(text, size, "%s%s", *text ? " " : "", word);
			break;
		}
	}
	free(copy);
}

/* The first line of a file, without what is not text; NULL when there is none. */
static char *first_line(const char *path)
{
	char *text;

	if (read_text(path, &text, NULL))
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	for (char *c = text; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
	return text;
}

/* What is chosen of "always [madvise] never", or the whole line. */
static void append_choice(char *text, const char *what, const char *folder, const char *file)
{
	char path[160], *line, *open, *close;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	line = first_line(path);
	if (!line)
		return;
	open = strchr(line, '[');
	close = open ? strchr(open, ']') : NULL;
	if (close)
		*close = '\0';
	append(text, ENVIRONMENT_TEXT, "%s%s %s", *text ? ", " : "", what, close ? open + 1 : line);
	free(line);
}

#define THP_FOLDER "/sys/kernel/mm/transparent_hugepage"

static void probe_thp(struct environment *environment)
{
	char *thp = environment->text[ENVIRONMENT_THP];
	char *khugepaged = environment->text[ENVIRONMENT_KHUGEPAGED];

	append_choice(thp, "enabled", THP_FOLDER, "enabled");
	append_choice(thp, "defrag", THP_FOLDER, "defrag");
	append_choice(thp, "shmem", THP_FOLDER, "shmem_enabled");
	append_choice(thp, "zero page", THP_FOLDER, "use_zero_page");
	append_choice(khugepaged, "defrag", THP_FOLDER, "khugepaged/defrag");
	append_choice(khugepaged, "scan every ms", THP_FOLDER, "khugepaged/scan_sleep_millisecs");
	append_choice(khugepaged, "pages", THP_FOLDER, "khugepaged/pages_to_scan");
}

static int by_size(const struct dirent **a, const struct dirent **b)
{
	return strverscmp((*a)->d_name, (*b)->d_name);
}

static int is_size(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "hugepages-", 10);
}

/* "64kB madvise, others never": the sizes that are not like most of them */
static void probe_mthp(char *text)
{
	struct dirent **sizes;
	int count = scandir(THP_FOLDER, &sizes, is_size, by_size);
	unsigned never = 0;

	for (int i = 0; i < count; i++) {
		char folder[128], value[ENVIRONMENT_TEXT] = "";

		snprintf(folder, sizeof(folder), THP_FOLDER "/%.60s", sizes[i]->d_name);
		append_choice(value, sizes[i]->d_name + 10, folder, "enabled");
		if (strstr(value, " never"))
			never++;
		else if (*value)
			append(text, ENVIRONMENT_TEXT, "%s%s", *text ? ", " : "", value);
		free(sizes[i]);
	}
	if (never)
		append(text, ENVIRONMENT_TEXT, "%s%u %s never", *text ? ", " : "", never,
		       *text ? "others" : "sizes, all");
	if (count >= 0)
		free(sizes);
}

/* How much of what kind; not where, as a path may name a user. */
static void probe_swap(char *text)
{
	char *swaps, *line, *rest, kind[32];
	unsigned long long size, used;
	int priority;

	if (read_text("/proc/swaps", &swaps, NULL))
		return;
	rest = swaps;
	strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n"))) {
		bool zram = strstr(line, "/zram");

		if (sscanf(line, "%*s %31s %llu %llu %d", kind, &size, &used, &priority) == 4)
			append(text, ENVIRONMENT_TEXT, "%s%s, %llu MiB, %llu used",
			       *text ? "; " : "", zram ? "zram" : kind, size >> 10, used >> 10);
	}
	free(swaps);
	if (!*text)
		append(text, ENVIRONMENT_TEXT, "none");
	append_choice(text, "swappiness", "/proc/sys/vm", "swappiness");
	append_choice(text, "zswap", "/sys/module/zswap/parameters", "enabled");
}

static void probe_hugetlb(char *text)
{
	static const char root[] = "/sys/kernel/mm/hugepages";
	struct dirent **sizes;
	int count = scandir(root, &sizes, is_size, by_size);

	for (int i = 0; i < count; i++) {
		char folder[128];

		snprintf(folder, sizeof(folder), "%s/%.60s", root, sizes[i]->d_name);
		append_choice(text, sizes[i]->d_name + 10, folder, "nr_hugepages");
		append_choice(text, "free", folder, "free_hugepages");
		free(sizes[i]);
	}
	if (count >= 0)
		free(sizes);
}

static void probe_distribution(char *text)
{
	char *release, *line, *rest;

	if (read_text("/etc/os-release", &release, NULL)) {
		append(text, ENVIRONMENT_TEXT, "not known: no /etc/os-release");
		return;
	}
	rest = release;
	while ((line = strsep(&rest, "\n"))) {
		if (strncmp(line, "PRETTY_NAME=", 12))
			continue;
		line += 12 + (line[12] == '"');
		append(text, ENVIRONMENT_TEXT, "%.*s", (int)strcspn(line, "\""), line);
	}
	free(release);
}

static void probe_cpu(char *text)
{
	char *info, *line, *rest;
	bool hypervisor;

	if (read_text("/proc/cpuinfo", &info, NULL))
		return;
	hypervisor = strstr(info, " hypervisor");
	rest = info;
	while (!*text && (line = strsep(&rest, "\n"))) {
		char *value = strstr(line, ": ");

		/* x86; arm64 has no name for it */
		if (value &&
		    (!strncmp(line, "model name", 10) || !strncmp(line, "CPU implementer", 15)))
			append(text, ENVIRONMENT_TEXT, "%.100s", value + 2);
	}
	if (hypervisor)
		append(text, ENVIRONMENT_TEXT, "%svirtual machine", *text ? ", " : "");
	free(info);
}

static void probe_libraries(char *text)
{
	for (size_t i = 0; i < library_list_count; i++) {
		const struct library *library = &library_list[i];

		append(text, ENVIRONMENT_TEXT, "%s%s%s%s", i ? ", " : "", library->name,
		       library->missing || *library->version ? " " : "",
		       library->missing ? "(none)" : library->version);
	}
}

void environment_probe(struct environment *environment, const struct host *host)
{
	char(*text)[ENVIRONMENT_TEXT] = environment->text;
	char *line;

	memset(environment, 0, sizeof(*environment));
	probe_distribution(text[ENVIRONMENT_DISTRIBUTION]);
	line = first_line("/proc/sys/kernel/tainted");
	if (line)
		taint_text(strtoull(line, NULL, 10), text[ENVIRONMENT_TAINT], ENVIRONMENT_TEXT);
	free(line);
	line = first_line("/proc/version");
	if (line)
		compiler_text(line, text[ENVIRONMENT_COMPILER], ENVIRONMENT_TEXT);
	free(line);
	line = first_line("/proc/cmdline");
	if (line)
		command_line_text(line, text[ENVIRONMENT_COMMAND_LINE], ENVIRONMENT_TEXT);
	free(line);
	if (!*text[ENVIRONMENT_COMMAND_LINE])
		append(text[ENVIRONMENT_COMMAND_LINE], ENVIRONMENT_TEXT,
		       "no option that matters to memory");
	probe_thp(environment);
	probe_mthp(text[ENVIRONMENT_MTHP]);
	append_choice(text[ENVIRONMENT_KSM], "run", "/sys/kernel/mm/ksm", "run");
	append_choice(text[ENVIRONMENT_KSM], "pages sharing", "/sys/kernel/mm/ksm",
		      "pages_sharing");
	probe_swap(text[ENVIRONMENT_SWAP]);
	append_choice(text[ENVIRONMENT_NUMA_BALANCING], "mode", "/proc/sys/kernel",
		      "numa_balancing");
	probe_hugetlb(text[ENVIRONMENT_HUGETLB]);
	append_choice(text[ENVIRONMENT_LOCKDOWN], "mode", "/sys/kernel/security", "lockdown");
	probe_cpu(text[ENVIRONMENT_CPU]);
	probe_libraries(text[ENVIRONMENT_LIBRARIES]);
	kernel_config_text(host->uts.release, text[ENVIRONMENT_CONFIG], ENVIRONMENT_TEXT);
}
