// SPDX-License-Identifier: GPL-2.0-or-later
/* What a report says of a machine, of texts that this one may not have. */
#include "host/environment.h"
#include "tap.h"

int main(void)
{
	char text[200];

	taint_text(0, text, sizeof(text));
	is_str(text, "0 (not tainted)", "no taint");
	taint_text(1 << 12 | 1 << 13, text, sizeof(text));
	is_str(text, "12288 (O: out-of-tree module, E: unsigned module)", "taint of modules");
	taint_text(1ull << 9 | 1ull << 40, text, sizeof(text));
	is_str(text, "1099511628288 (W: warned before, bit 40)", "a bit that nobody knows");
	taint_text(~0ull, text, 20);
	is_int((int64_t)strlen(text), 19, "what does not fit is cut");

	command_line_text("BOOT_IMAGE=/vmlinuz root=UUID=1 ro quiet transparent_hugepage=always "
			  "user=joe hugepages=4 mitigations=off\n",
			  text, sizeof(text));
	is_str(text, "transparent_hugepage=always hugepages=4 mitigations=off",
	       "options that matter, and no other");
	command_line_text("", text, sizeof(text));
	is_str(text, "", "no command line");
	compiler_text("Linux version 6.1.0-50-amd64 (joe@host.example) (gcc-12 (Debian 12.2.0-14) "
		      "12.2.0, GNU ld (GNU Binutils for Debian) 2.40) #1 SMP Debian 6.1.176-1\n",
		      text, sizeof(text));
	is_str(text, "gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld (GNU Binutils for Debian) 2.40",
	       "the compiler, and not who used it");
	compiler_text("Linux version 6.1 (joe@host) (gcc", text, sizeof(text));
	is_str(text, "", "no compiler in a line that is cut");
	for (enum environment_item item = 0; item < ENVIRONMENT_COUNT; item++)
		ok(environment_name(item) && environment_title(item), "item %u has names",
		   (unsigned)item);
	return done_testing();
}
