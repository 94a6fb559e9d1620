// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/ksm.h"

#include <unistd.h>

#include "host/guardian.h"
#include "host/host.h"

int ksm_probe(const struct host *host, struct reason *why)
{
	if (access(KSM "run", F_OK))
		return fail(why, ENOTSUP, "this kernel has no KSM (CONFIG_KSM)");
	if (access(KSM "run", W_OK))
		return fail_errno(why, errno, "cannot set " KSM "run (needs root)");
	if (!host->pfn_visible)
		return fail(why, EPERM, "which pages are merged shows only with CAP_SYS_ADMIN");
	return 0;
}

int ksm_run(struct guardian *guardian, struct reason *why)
{
	static const struct {
		const char *path, *value;
	} settings[] = {
		{ KSM "advisor_mode", "none" }, /* Linux 6.8 */
		{ KSM "smart_scan", "0" },      /* Linux 6.7 */
		{ KSM "pages_to_scan", "8192" }, { KSM "sleep_millisecs", "0" }, { KSM "run", "1" },
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(settings) / sizeof(settings[0]); i++)
		if (!access(settings[i].path, F_OK))
			err = guardian_set(guardian, settings[i].path, settings[i].value, why);
	return err;
}
