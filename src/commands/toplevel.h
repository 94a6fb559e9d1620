/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_COMMANDS_TOPLEVEL_H
#define THPIN_COMMANDS_TOPLEVEL_H

/* "thpin --help" and "thpin --version"; return an exit code. */
int toplevel_help(void);
int toplevel_version(void);

#endif
