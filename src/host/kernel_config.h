/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_KERNEL_CONFIG_H
#define THPIN_HOST_KERNEL_CONFIG_H

#include <stddef.h>

#include "util/reason.h"

struct host;

/*
 * Those lines of the kernel's configuration that a report has, without CONFIG_:
 * "y: KSM CMA; m: UDMABUF; n: GUP_TEST", or why none can be read.
 */
void kernel_config_text(const char *release, char *text, size_t size);

/*
 * 'y', 'm' or 'n': the value of an option, without CONFIG_, in the configuration of
 * the kernel that runs; 0 where none can be read.
 */
char kernel_config_value(const char *release, const char *option);

/*
 * Fail with -ENODEV because @what is not there, which an option of the kernel, or these
 * @modules, would bring: the reason says which of the two is missing.
 */
int kernel_lacks(const struct host *host, const char *what, const char *option, const char *modules,
		 struct reason *why);

#endif
