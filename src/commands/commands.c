// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/commands.h"

const struct command *const command_list[] = {
	&command_repro,   &command_report, &command_explain, &command_list_command,
	&command_inspect, &command_hold,   &command_boot,    &command_completion,
};

const size_t command_list_count = sizeof(command_list) / sizeof(command_list[0]);
