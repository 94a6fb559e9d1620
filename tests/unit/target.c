// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening processes that are and that are not there to be inspected. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inspect/target.h"
#include "tap.h"

static pid_t child(const char *name)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, name);
	for (;;)
		pause();
}

static void live(void)
{
	struct target target, later;
	struct reason why;
	pid_t pid = child("a) R 1 (b");

	usleep(20000);
	is_int(target_open(&target, pid, &why), 0, "a process is opened");
	is_str(target.comm, "a) R 1 (b", "a name cannot pass for other fields");
	ok(target.start > 0, "it began after boot");
	ok(target.resident_kb > 0, "it has memory");
	is_int(target.uid, getuid(), "it is ours");
	ok(target_alive(&target), "it lives");

	kill(pid, SIGKILL);
	while (target_alive(&target))
		usleep(1000);
	ok(true, "its end is seen");
	is_int(target_open(&later, pid, &why), -ESRCH, "a zombie is none");
	ok(strstr(why.text, "zombie"), "... says so: %s", why.text);
	waitpid(pid, NULL, 0);
	is_int(target_open(&later, pid, &why), -ESRCH, "a process that is gone is none");
	ok(!target_alive(&target), "it does not live again");
	target_close(&target);
}

static void kernel_thread(void)
{
	struct target target;
	struct reason why;
	char name[16] = "";
	FILE *comm = fopen("/proc/2/comm", "r");

	if (comm && fgets(name, sizeof(name), comm) && !strcmp(name, "kthreadd\n")) {
		is_int(target_open(&target, 2, &why), -EINVAL, "a kernel thread has no memory");
		ok(strstr(why.text, "kernel thread"), "... says so: %s", why.text);
	} else {
		skip("process 2 is no kernel thread (a PID namespace?)", "a kernel thread");
	}
	if (comm)
		fclose(comm);
}

static void foreign(void)
{
	struct target target;
	struct reason why;
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (setuid(65534))
			_exit(2);
		_exit(target_open(&target, 1, &why) == -EACCES &&
				      strstr(why.text, "CAP_SYS_PTRACE") ?
			      0 :
			      1);
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "another user's process is refused, with what is needed");
}

int main(void)
{
	live();
	kernel_thread();
	if (getuid())
		skip("needs root", "another user's process");
	else
		foreign();
	return done_testing();
}
