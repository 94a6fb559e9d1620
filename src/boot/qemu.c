// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/qemu.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/io.h"

#define SHARED_MEMORY "/dev/shm"

/* Each CPU has two, and each node four; argv[count] is NULL. */
struct arguments {
	char **argv;
	unsigned count;
	bool incomplete; /* there was no memory */
};

static __attribute__((format(printf, 2, 3))) void add(struct arguments *arguments,
						      const char *format, ...)
{
	char **grown = realloc(arguments->argv, (arguments->count + 2) * sizeof(*grown));
	va_list args;

	if (!grown) {
		arguments->incomplete = true;
		return;
	}
	arguments->argv = grown;
	va_start(args, format);
	if (vasprintf(&grown[arguments->count], format, args) >= 0)
		arguments->count++;
	else
		arguments->incomplete = true;
	va_end(args);
	grown[arguments->count] = NULL;
}

static void free_arguments(struct arguments *arguments)
{
	for (unsigned i = 0; i < arguments->count; i++)
		free(arguments->argv[i]);
	free(arguments->argv);
}

static void add_nodes(struct arguments *arguments, const struct boot_plan *plan)
{
	unsigned each = plan->memory_mb / plan->nodes;

	for (unsigned i = 0; i < plan->nodes; i++) {
		add(arguments, "-object");
		add(arguments, "memory-backend-ram,id=m%u,size=%uM", i,
		    i ? each : plan->memory_mb - each * (plan->nodes - 1));
		add(arguments, "-numa");
		add(arguments, "node,nodeid=%u,memdev=m%u", i, i);
	}
	for (unsigned i = 0; i < plan->cpus; i++) {
		add(arguments, "-numa");
		add(arguments, "cpu,node-id=%u,socket-id=%u", i % plan->nodes, i);
	}
}

/* Of several nodes it is at the last: only a bus of its own has a node. */
static void add_edu(struct arguments *arguments, const struct boot_plan *plan)
{
	add(arguments, "-device");
	add(arguments, "intel-iommu");
	if (plan->nodes > 1) {
		add(arguments, "-device");
		add(arguments, "pxb-pcie,id=far,bus_nr=128,numa_node=%u", plan->nodes - 1);
		add(arguments, "-device");
		add(arguments, "pcie-root-port,id=farport,bus=far,chassis=1");
	}
	add(arguments, "-device");
	add(arguments, plan->nodes > 1 ? "edu,bus=farport" : "edu");
}

/* What the guest writes goes to a file without a name, see become_qemu(). */
static void add_disk(struct arguments *arguments, const char *path)
{
	char name[2 * PATH_MAX];
	size_t used = 0;

	/* What is before a colon could be a protocol. */
	if (*path != '/')
		used = (size_t)snprintf(name, sizeof(name), "./");
	/* QEMU takes two commas for one that does not begin the next option. */
	for (; *path && used < sizeof(name) - 2; path++) {
		name[used++] = *path;
		if (*path == ',')
			name[used++] = ',';
	}
	name[used] = '\0';
	add(arguments, "-drive");
	add(arguments, "id=disk,if=none,format=raw,snapshot=on,file=%s", name);
	add(arguments, "-device");
	add(arguments, "virtio-blk-pci,drive=disk");
}

/*
 * The initramfs is the only root of the guest, so an init= of --append is meant
 * as rdinit=; the last one wins. Emulation pays for each mitigation and has no
 * speculation to mitigate; the self-tests of its ciphers are not asked for, nor are
 * the search of all page tables for code that can be written (rodata=off) and that of
 * all buses for an AGP aperture. One CPU would have each LOCK prefix taken out, by two
 * switches of the page tables (noreplace-smp). Pages of a process are cleared once more
 * by init_on_alloc, which is for what the kernel itself takes. On a busy
 * machine its CPU may stand still for longer than the check of the timer waits, and
 * than what RCU (21 s) and the watchdog (20 s) take for a stall of the kernel: their
 * messages would count as complaints of whatever case runs then. Each stop and start of
 * the tick writes to the emulated APIC, which costs more than the ticks of an idle CPU.
 * DAMON_STAT (6.17) looks at what is accessed for as long as the kernel runs. Two
 * initcalls are of no use here and take up to 0.3 s: one puts the values of enums into
 * the formats of trace events, one tests how random the time of the CPU is.
 */
static void add_command_line(struct arguments *arguments, const struct boot_plan *plan, bool kvm)
{
	const char *more = plan->append ? plan->append : "";
	bool init = !strncmp(more, "init=", 5);

	add(arguments, "-append");
	add(arguments, "console=ttyS0 panic=-1 rdinit=" GUEST_THPIN "%s%s %s%s",
	    kvm ? "" :
		  " mitigations=off cryptomgr.notests no_timer_check nohz=off"
		  " noreplace-smp rodata=off iommu=noaperture init_on_alloc=0 psi=0"
		  " rcupdate.rcu_cpu_stall_suppress=1 nosoftlockup"
		  " damon_stat.enabled=N initcall_blacklist=trace_eval_init,jent_mod_init",
	    plan->edu ? " intel_iommu=on" : "", init ? "rd" : "", more);
}

static void build(struct arguments *arguments, const struct boot_plan *plan,
		  const struct qemu_files *files, bool kvm, int console, int frames)
{
	add(arguments, "%s", plan->qemu);
	add(arguments, "-nodefaults");
	add(arguments, "-no-user-config");
	add(arguments, "-display");
	add(arguments, "none");
	add(arguments, "-no-reboot");
	add(arguments, "-machine");
	/* This machine's ksmd is not to read and merge the guest's memory. */
	add(arguments, "q35,mem-merge=off,accel=%s%s", kvm ? "kvm" : "tcg",
	    kvm && plan->edu ? ",kernel-irqchip=split" : "");
	/*
	 * With erms the kernel clears and copies pages by "rep stosb" and "rep
	 * movsb", which TCG does byte by byte; without it by "rep stosq" and "rep movsq",
	 * a block of translated code a word, but for the first models of AMD's family 15
	 * (init_amd_k8(), arch/x86/kernel/cpu/amd.c): there by loops of eight words. With smap
	 * each copy to or from a process changes what memory may be accessed twice,
	 * and TCG looks up all that it has translated and mapped anew. With la57 there
	 * is one more level of page tables for it to walk. With pclmulqdq checksums, which
	 * RDMA over rxe makes of each packet, are made by an instruction that QEMU 7.2
	 * emulates bit by bit.
	 */
	add(arguments, "-cpu");
	add(arguments, kvm ? "max" : "max,model=4,-erms,-fsrm,-smap,-la57,-pclmulqdq");
	add(arguments, "-m");
	add(arguments, "%u", plan->memory_mb);
	add(arguments, "-smp");
	add(arguments, "%u,sockets=%u", plan->cpus, plan->cpus);
	if (plan->nodes > 1)
		add_nodes(arguments, plan);
	if (plan->edu)
		add_edu(arguments, plan);
	if (plan->disk)
		add_disk(arguments, plan->disk);
	add(arguments, "-kernel");
	add(arguments, "/dev/fd/%d", files->kernel);
	add(arguments, "-initrd");
	add(arguments, "/dev/fd/%d", files->initramfs);
	add_command_line(arguments, plan, kvm);
	add(arguments, "-serial");
	add(arguments, "file:/dev/fd/%d", console);
	add(arguments, "-serial");
	add(arguments, "file:/dev/fd/%d", frames);
}

static int is_program(const char *path)
{
	struct stat state;

	return !stat(path, &state) && S_ISREG(state.st_mode) && !access(path, X_OK);
}

static int have_binary(const char *name)
{
	char path[4096];
	const char *at = getenv("PATH");

	if (strchr(name, '/'))
		return is_program(name);
	while (at && *at) {
		size_t length = strcspn(at, ":");

		snprintf(path, sizeof(path), "%.*s/%s", (int)length, at, name);
		if (is_program(path))
			return 1;
		at += length + (at[length] == ':');
	}
	return 0;
}

static _Noreturn void become_qemu(struct arguments *arguments, const struct qemu_files *files,
				  int console, int frames, pid_t parent)
{
	const int inherited[] = { files->kernel, files->initramfs, console, frames };
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	setpgid(0, 0); /* ^C is for thpin, which ends QEMU */
	/* What thpin takes by a signalfd would be blocked in QEMU. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Where QEMU keeps what differs from the image of a disk: in memory. */
	if (!access(SHARED_MEMORY, W_OK))
		setenv("TMPDIR", SHARED_MEMORY, 1);
	for (unsigned i = 0; i < sizeof(inherited) / sizeof(inherited[0]); i++)
		fcntl(inherited[i], F_SETFD, 0);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(console, STDERR_FILENO);
	execvp(arguments->argv[0], arguments->argv);
	_exit(127);
}

int qemu_start(struct qemu *qemu, const struct boot_plan *plan, const struct qemu_files *files,
	       bool kvm, struct reason *why)
{
	struct arguments arguments = { .count = 0 };
	int console[2], frames[2], err;
	pid_t parent = getpid();

	if (!have_binary(plan->qemu))
		return fail(why, ENOENT,
			    "there is no %s (Debian: qemu-system-x86, Fedora: qemu-system-x86-core)",
			    plan->qemu);
	if (pipe2(console, O_CLOEXEC) || pipe2(frames, O_CLOEXEC))
		return fail_errno(why, errno, "pipe");
	build(&arguments, plan, files, kvm, console[1], frames[1]);
	qemu->pid = -1;
	errno = ENOMEM;
	if (!arguments.incomplete)
		qemu->pid = fork();
	err = errno;
	if (!qemu->pid)
		become_qemu(&arguments, files, console[1], frames[1], parent);
	free_arguments(&arguments);
	close(console[1]);
	close(frames[1]);
	qemu->console = console[0];
	qemu->frames = frames[0];
	return qemu->pid < 0 ? fail_errno(why, err, "cannot start QEMU") : 0;
}

int qemu_status(struct qemu *qemu)
{
	int status = 0;

	if (qemu->pid <= 0 || waitpid(qemu->pid, &status, 0) < 0)
		return 0;
	qemu->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void qemu_stop(struct qemu *qemu)
{
	if (qemu->pid > 0) {
		kill(qemu->pid, SIGKILL);
		waitpid(qemu->pid, NULL, 0);
	}
	qemu->pid = 0;
	close_fd(&qemu->console);
	close_fd(&qemu->frames);
}
