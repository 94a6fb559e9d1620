/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_KERNEL_CONFIG_H
#define THPIN_HOST_KERNEL_CONFIG_H

#include <stddef.h>

/*
 * Those lines of the kernel's configuration that a report has, without CONFIG_:
 * "y: KSM CMA; m: UDMABUF; n: GUP_TEST", or why none can be read.
 */
void kernel_config_text(const char *release, char *text, size_t size);

#endif
