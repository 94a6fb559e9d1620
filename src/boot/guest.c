// SPDX-License-Identifier: GPL-2.0-or-later
/* thpin as PID 1 of a guest: mount, load, run the subcommand, power off. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "boot/boot.h"
#include "boot/frames.h"
#include "host/host.h"
#include "host/swap.h"
#include "util/io.h"

static _Noreturn void power_off(int serial)
{
	if (serial >= 0)
		tcdrain(serial);
	sync();
	/* QEMU runs with -no-reboot; a reboot needs less of a kernel than ACPI. */
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

static _Noreturn void give_up(int serial, const char *text)
{
	fprintf(stderr, "thpin: %s\n", text);
	if (serial >= 0)
		frame_write(serial, FRAME_FAILED, text, strlen(text));
	power_off(serial);
}

static void mount_all(void)
{
	static const struct {
		const char *type, *where;
	} mounts[] = {
		{ "proc", "/proc" },
		{ "sysfs", "/sys" },
		{ "devtmpfs", "/dev" },
		{ "tmpfs", "/tmp" },
		{ "debugfs", "/sys/kernel/debug" },
		{ "cgroup2", "/sys/fs/cgroup" },
	};

	/* One that this kernel lacks is missed, with a reason, by who needs it. */
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++)
		mount(mounts[i].type, mounts[i].where, mounts[i].type, 0, NULL);
	mkdir("/dev/shm", 01777);
	mount("tmpfs", "/dev/shm", "tmpfs", 0, NULL);
	/* Else no cgroup can limit memory. */
	write_text("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	/*
	 * Linux 7 sets a timer at each switch between tasks, by two writes to the APIC: a
	 * tenth of the time of an emulated guest. It only cuts time slices to length.
	 */
	write_text("/sys/kernel/debug/sched/features", "NO_HRTICK");
}

/* As on every machine; rdma_rxe works over it. */
static void raise_loopback(void)
{
	struct ifreq interface = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	interface.ifr_flags = IFF_UP;
	ioctl(fd, SIOCSIFFLAGS, &interface);
	close(fd);
}

/* Bytes as they are, both ways. */
static int open_serial(void)
{
	struct termios raw;
	int fd = open(GUEST_SERIAL, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return fd;
	if (!tcgetattr(fd, &raw)) {
		cfmakeraw(&raw);
		cfsetspeed(&raw, B115200);
		tcsetattr(fd, TCSANOW, &raw);
	}
	return fd;
}

/* They were decompressed on the way into the initramfs: what is left is one system call. */
static void load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	/* EEXIST: it is built in. */
	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
		fprintf(stderr, "thpin: cannot load %s: %s\n", path, strerror(errno));
	close_fd(&fd);
}

static void load_modules(void)
{
	char *text, *rest, *path;

	if (read_text(GUEST_MODULES, &text, NULL))
		return;
	rest = text;
	while ((path = strsep(&rest, "\n")))
		if (*path)
			load_module(path);
	free(text);
}

/* The device of --device edu goes to VFIO, which the guest may not have. */
static void bind_edu(void)
{
	glob_t devices;
	char path[128], *ids;

	if (glob("/sys/bus/pci/devices/*", 0, NULL, &devices))
		return;
	for (size_t i = 0; i < devices.gl_pathc; i++) {
		const char *device = devices.gl_pathv[i];

		snprintf(path, sizeof(path), "%s/uevent", device);
		if (read_text(path, &ids, NULL))
			continue;
		if (strstr(ids, "PCI_ID=1234:11E8\n")) {
			snprintf(path, sizeof(path), "%s/driver_override", device);
			write_text(path, "vfio-pci");
			write_text("/sys/bus/pci/drivers_probe", strrchr(device, '/') + 1);
		}
		free(ids);
	}
	globfree(&devices);
}

/* Swap that stays on until the guest ends. */
static void swap_on(int serial)
{
	struct reason why;
	struct host host;
	char *options;

	if (read_text(GUEST_OPTIONS, &options, NULL))
		return;
	if (!strcmp(options, "swap") &&
	    (host_probe(&host, &why) || swap_ensure(&host, UINT64_C(64) << 20, NULL, &why)))
		give_up(serial, why.text);
	free(options);
}

/* Try all file systems that the kernel, or a module from outside, has. */
static int mount_as(char *types, unsigned long flags)
{
	char *line;
	int err = -1;

	/* "nodev\ttmpfs" are those without a disk. */
	while (err && (line = strsep(&types, "\n")))
		if (*line == '\t')
			err = mount("/dev/vda", GUEST_DISK, line + 1, flags, NULL);
	return err;
}

/* To be written to, which the image does not notice, unless it is squashfs or the like. */
static void mount_disk(int serial)
{
	char *types;
	int err = -1;

	if (access(GUEST_DISK, F_OK))
		return;
	for (unsigned long flags = 0; err && flags <= MS_RDONLY; flags += MS_RDONLY) {
		if (read_text("/proc/filesystems", &types, NULL))
			give_up(serial, "the guest has no /proc/filesystems");
		err = mount_as(types, flags);
		free(types);
	}
	if (err)
		give_up(serial,
			"--disk: no file system of this kernel is on it, or virtio_blk is missing (--modules)");
	/* Of cases with memory of a file on a disk. */
	setenv("TMPDIR", GUEST_DISK, 1);
}

static char **read_arguments(void)
{
	size_t size, count = 1;
	char *text, **argv;

	if (read_text(GUEST_ARGUMENTS, &text, &size))
		return NULL;
	for (size_t i = 0; i < size; i++)
		count += !text[i];
	argv = calloc(count + 1, sizeof(*argv));
	if (!argv)
		return NULL;
	argv[0] = "thpin";
	for (size_t i = 0, n = 1; i < size; i += strlen(text + i) + 1)
		argv[n++] = text + i;
	return argv;
}

static pid_t start(char **argv, int out[2], int err[2])
{
	pid_t pid = fork();

	if (pid)
		return pid;
	setsid();
	dup2(out[1], STDOUT_FILENO);
	dup2(err[1], STDERR_FILENO);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	execv(GUEST_THPIN, argv);
	_exit(127);
}

/* Pass the outputs on until both are closed. */
static void pass_on(int serial, int out, int err, struct squeeze *squeezer)
{
	struct pollfd ready[] = {
		{ .fd = out, .events = POLLIN },
		{ .fd = err, .events = POLLIN },
	};
	unsigned char data[SQUEEZE_IN], squeezed[SQUEEZE_OUT];

	while (ready[0].fd >= 0 || ready[1].fd >= 0) {
		if (poll(ready, 2, -1) < 0)
			continue;
		for (int i = 0; i < 2; i++) {
			ssize_t size;

			if (ready[i].fd < 0 || !ready[i].revents)
				continue;
			size = read(ready[i].fd, data, sizeof(data));
			if (size > 0)
				frame_write(serial, i ? FRAME_STDERR : FRAME_STDOUT, squeezed,
					    squeeze(squeezer, data, (size_t)size, squeezed));
			else
				ready[i].fd = -1;
		}
	}
}

/* Orphans of the subcommand are reaped on the way. */
static unsigned char wait_for(pid_t pid)
{
	int status = 0;
	pid_t ended;

	do
		ended = waitpid(-1, &status, 0);
	while (ended > 0 ? ended != pid : errno == EINTR);
	return (unsigned char)(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

_Noreturn void guest_main(void)
{
	int serial, out[2], err[2];
	struct squeeze *squeezer;
	unsigned char code;
	char **argv;
	pid_t pid;

	mount_all();
	serial = open_serial();
	if (serial < 0)
		give_up(serial, "the guest has no second serial line");
	frame_write(serial, FRAME_HELLO, "", 0);
	load_modules();
	raise_loopback();
	bind_edu();
	swap_on(serial);
	mount_disk(serial);
	argv = read_arguments();
	squeezer = squeeze_new();
	if (!argv || !squeezer || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		give_up(serial, "the guest is out of memory");
	pid = start(argv, out, err);
	if (pid < 0)
		give_up(serial, "the guest cannot fork");
	close(out[1]);
	close(err[1]);
	pass_on(serial, out[0], err[0], squeezer);
	code = wait_for(pid);
	frame_write(serial, FRAME_EXIT, &code, 1);
	power_off(serial);
}
