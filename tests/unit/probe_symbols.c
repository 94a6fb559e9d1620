// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include "inspect/probe/symbols.h"
#include "tap.h"

static const char visible[] = "ffffffff81000000 T _stext\n"
			      "0000000000000000 A per_cpu_start\n"
			      "ffffffff81228c50 t \n"
			      "ffffffff81228c50 t io_uring_release\n"
			      "not a symbol\n"
			      "ffffffff82a0c940 D init_task\n"
			      "ffffffffc0001000 t rxe_init\t[rdma_rxe]\n"
			      "ffffffffc0002000 t init_task\t[odd]\n";

static const char hidden[] = "0000000000000000 T _stext\n"
			     "0000000000000000 D init_task\n";

static void write_file(char *path, const char *text)
{
	int fd = mkstemp(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (!file || fputs(text, file) < 0 || fclose(file))
		bail_out("%s", path);
}

int main(void)
{
	char shown[] = "/tmp/thpin-symbols.XXXXXX", none[] = "/tmp/thpin-symbols.XXXXXX";
	struct symbol symbols[] = {
		{ "init_task", 0 },
		{ "", 0xffffffff81228c50 },
		{ "", 0xffffffffc0001000 },
		{ "nothing", 0 },
		{ "", 0x1000 },
		{ "per_cpu_start", 0 },
	};
	struct reason why;

	write_file(shown, visible);
	write_file(none, hidden);
	is_int(symbols_find_in(shown, symbols, 6, &why), 3, "as many as are there");
	ok(symbols[0].address == 0xffffffff82a0c940, "an address by its name, the first one's");
	is_str(symbols[1].name, "io_uring_release", "a name by its address");
	is_str(symbols[2].name, "rxe_init", "without the module's name");
	ok(!symbols[3].address, "a name that is not there");
	is_str(symbols[4].name, "", "an address that is not there");
	ok(!symbols[5].address, "0 is no address");
	symbols[0].address = 0;
	is_int(symbols_find_in(none, symbols, 1, &why), -EPERM, "addresses are hidden");
	ok(strstr(why.text, "kptr_restrict") != NULL, "the reason says what to do");
	is_int(symbols_find_in("/nonexistent", symbols, 1, &why), -ENOENT, "no such file");
	unlink(shown);
	unlink(none);
	return done_testing();
}
