// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "procfs/kmsg.h"
#include "tap.h"

static const char *const complaints[] = {
	"4,1021,81205512,-;WARNING: CPU: 1 PID: 812 at mm/gup.c:73 try_get_folio+0x1c/0x90\n",
	"4,1021,81205512,-,caller=T812;WARNING: CPU: 1 PID: 812 at mm/gup.c:73 foo+0x1c/0x90\n",
	"4,77,1,-;WARNING: mm/gup.c:73 at try_get_folio+0x1c/0x90, CPU#1: thpin/812\n",
	"4,78,1,-;WARNING: possible circular locking dependency detected\n",
	"1,5,99,-;BUG: kernel NULL pointer dereference, address: 0000000000000008\n",
	"1,5,99,-;BUG: Bad page state in process thpin  pfn:1202ad\n",
	"3,5,99,-;BUG: KASAN: slab-use-after-free in foo+0x10/0x20\n SUBSYSTEM=x\n",
	"0,5,99,-;watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [thpin:812]\n",
	"2,5,99,-;kernel BUG at mm/huge_memory.c:2737!\n",
	"4,5,99,-;Oops: 0002 [#1] PREEMPT SMP NOPTI\n",
	"0,5,99,-;Internal error: Oops: 0000000096000004 [#1] SMP\n",
	"1,5,99,-;Unable to handle kernel paging request at virtual address ffff000012345678\n",
	"4,5,99,-;general protection fault, probably for non-canonical address 0xdead0000: 0000\n",
	"0,5,99,-;Kernel panic - not syncing: Fatal exception\n",
	"3,5,99,-;UBSAN: array-index-out-of-bounds in mm/x.c:1:2\n",
	"3,5,99,-;INFO: task thpin:812 blocked for more than 120 seconds.\n",
	"3,5,99,-;rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n",
	"4,5,99,c;WARNING: CPU: 1 PID: 812 at mm/gup.c:73 foo+0x1c/0x90", /* no newline */
};

static const char *const others[] = {
	"6,339,5140900,-;NET: Registered protocol family 10\n",
	"7,160,424069,-;pci_root PNP0A03:00: host bridge window\n SUBSYSTEM=acpi\n",
	/* A ruler: what it announces is a record of its own and is counted. */
	"4,1020,81205501,-;------------[ cut here ]------------\n",
	"4,1022,81205520,-;Modules linked in: WARNING: BUG: Oops: \n",
	"4,1023,81205520,-;---[ end trace 0000000000000000 ]---\n",
	"4,2,0,-;[Firmware Bug]: TSC doesn't count with P0 frequency!\n",
	"6,9,1,-;traps: x[812] general protection fault ip:401000 sp:7ffd error:0 in x[401000+1000]\n",
	"6,9,1,-;WARNING:[812]: segfault at 0 ip 401000 sp 7ffd error 4\n",
	/* Of user space, facility 1 and 3 */
	"12,1100,81300000,-;WARNING: CPU: 1 PID: 812 at mm/gup.c:73\n",
	"11,1100,81300000,-;BUG: not of the kernel\n",
	"30,1101,81300001,-;udevd[80]: WARNING: starting version 181\n",
	"4294967300,1,1,-;WARNING: 4 when cut to 32 bits\n",
	"99999999999999999999999,1,1,-;WARNING: \n",
	/* A line that continues a record, and records that are none */
	" SUBSYSTEM=WARNING: x;BUG: y\n",
	"6,1,1,-;harmless\n4,1,1,-;WARNING: a second line is no record\n",
	"6,1,1,-\n DEVICE=x;WARNING: the text is on the first line\n",
	"WARNING: no prefix\n",
	"4;WARNING: no sequence\n",
	"4,1,1,-",
	"4,1,1,-;",
	"4",
	"",
};

/* A pipe gives text where the log gives a record a read: enough for one. */
static void counting(void)
{
	const char *record = complaints[0];
	char first[32] = "before";
	int ends[2];

	if (pipe2(ends, O_NONBLOCK))
		bail_out("pipe2");
	is_int(kmsg_warnings(ends[0], first, sizeof(first)), 0, "nothing logged");
	is_str(first, "before", "nothing logged: text left alone");
	if (write(ends[1], others[0], strlen(others[0])) < 0)
		bail_out("write");
	is_int(kmsg_warnings(ends[0], first, sizeof(first)), 0, "nothing of interest logged");
	if (write(ends[1], record, strlen(record)) < 0)
		bail_out("write");
	is_int(kmsg_warnings(ends[0], first, sizeof(first)), 1, "one warning logged");
	is_str(first, "WARNING: CPU: 1 PID: 812 at mm/", "one warning logged: text is cut");
	if (write(ends[1], record, strlen(record)) < 0)
		bail_out("write");
	is_int(kmsg_warnings(ends[0], NULL, 0), 1, "no room for the text");
	close(ends[1]);
	is_int(kmsg_warnings(ends[0], first, sizeof(first)), 0, "end of file");
	close(ends[0]);
	is_int(kmsg_warnings(ends[0], first, sizeof(first)), -EBADF, "read error");
}

static void own(void)
{
	char first[160];
	int fd = kmsg_open();

	if (fd < 0) {
		skip(strerror(-fd), "the log of this kernel");
		return;
	}
	ok(kmsg_warnings(fd, first, sizeof(first)) >= 0, "the log of this kernel");
	close(fd);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++)
		ok(kmsg_is_warning(complaints[i]), "counts: %.40s", strchr(complaints[i], ';') + 1);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ok(!kmsg_is_warning(others[i]), "does not count: line %zu", i);
	counting();
	own();
	return done_testing();
}
