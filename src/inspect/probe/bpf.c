// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel memory by BPF, from 5.10 on: a program that is never attached copies it
 * (BPF_PROG_TEST_RUN), iterators list tasks, open files and VMAs under the
 * kernel's own locks. Under 1 us a read, nothing stays loaded.
 */
#include "config.h"
#include "inspect/probe/probe.h"

#if HAVE_LIBBPF

#include <bpf/bpf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "inspect/probe/bpf_programs.h"
#include "util/io.h"

struct bpf {
	int map, read, read_parts; /* descriptors, -1: none */
	int tasks, files, vmas;
	struct read_window *window; /* the map's value */
};

/* Enough for what the verifier says of the longest of the programs. */
#define LOG_SIZE ((size_t)256 * 1024)

/* The verifier's last words on a program that it refuses; its statistics follow them. */
static const char *last_words(char *log)
{
	static const char *const statistics[] = { "processed ", "verification time",
						  "stack depth" };
	const char *last = "no reason given";
	char *rest = log, *line;

	while ((line = strsep(&rest, "\n"))) {
		bool statistic = !*line;

		for (size_t i = 0; i < sizeof(statistics) / sizeof(statistics[0]); i++)
			statistic |= !strncmp(line, statistics[i], strlen(statistics[i]));
		if (!statistic)
			last = line;
	}
	return last;
}

/* A helper that lockdown takes away is one that the verifier does not know of. */
static bool lacks_helper(const char *log)
{
	return strstr(log, "unknown func") || strstr(log, "cannot use helper") ||
	       strstr(log, "helper allowed for this program type");
}

/* Why a program was refused; loads it once more, as a log costs time. */
static int refused(enum bpf_prog_type type, const char *name, const struct program *program,
		   struct bpf_prog_load_opts *options, int err, struct reason *why)
{
	char *log = calloc(1, LOG_SIZE);
	int fd;

	if (!log)
		return fail_errno(why, err, "BPF program %s", name);
	options->log_level = 1;
	options->log_buf = log;
	options->log_size = LOG_SIZE;
	fd = bpf_prog_load(type, name, "GPL", program->insn, program->count, options);
	if (fd >= 0) {
		err = EAGAIN; /* so it was not for good; the caller ends anyway */
		close(fd);
	}
	if (lacks_helper(log))
		fail(why, err,
		     "BPF may not read kernel memory: is the kernel locked down for "
		     "confidentiality (kernel_lockdown(7))?");
	else
		fail_errno(why, err, "BPF program %s: %.100s", name, last_words(log));
	free(log);
	return -err;
}

/* A descriptor, or -errno with a reason. @iterator: name of its function, or NULL. */
static int load_program(struct probe *probe, const char *name, const struct program *program,
			const char *iterator, struct reason *why)
{
	enum bpf_prog_type type = iterator ? BPF_PROG_TYPE_TRACING : BPF_PROG_TYPE_RAW_TRACEPOINT;
	struct bpf_prog_load_opts options = { .sz = sizeof(options) };
	int fd;

	if (iterator) {
		int id = types_function(&probe->types, iterator);

		if (id < 0)
			return fail(why, EOPNOTSUPP, "this kernel has no BPF iterator %s",
				    iterator);
		options.expected_attach_type = BPF_TRACE_ITER;
		options.attach_btf_id = (uint32_t)id;
	}
	fd = bpf_prog_load(type, name, "GPL", program->insn, program->count, &options);
	if (fd >= 0)
		return fd;
	if (errno == EPERM)
		return fail(why, errno, "BPF programs that read kernel memory need CAP_SYS_ADMIN");
	return refused(type, name, program, &options, errno, why);
}

static int make_window(struct bpf *bpf, struct reason *why)
{
	struct bpf_map_create_opts options = { .sz = sizeof(options), .map_flags = BPF_F_MMAPABLE };
	void *window;

	bpf->map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "thpin_window", sizeof(uint32_t),
				  sizeof(*bpf->window), 1, &options);
	if (bpf->map < 0)
		return fail_errno(why, errno, "BPF array map");
	window = mmap(NULL, sizeof(*bpf->window), PROT_READ | PROT_WRITE, MAP_SHARED, bpf->map, 0);
	if (window == MAP_FAILED)
		return fail_errno(why, errno, "mmap of a BPF array map");
	bpf->window = window;
	return 0;
}

/* Before 5.8 there are no capabilities of BPF's own; page frames take CAP_SYS_ADMIN anyway. */
static int bpf_check(struct reason *why)
{
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "thpin_check", sizeof(uint32_t),
				 sizeof(uint64_t), 1, NULL);

	if (map < 0 && errno == ENOSYS)
		return fail(why, errno, "this kernel has no BPF (CONFIG_BPF_SYSCALL)");
	if (map < 0 && errno == EPERM)
		return fail(why, errno, "BPF programs that read kernel memory need CAP_SYS_ADMIN");
	if (map < 0)
		return fail_errno(why, errno, "BPF array map");
	close(map);
	return 0;
}

static int bpf_open(struct probe *probe, struct reason *why)
{
	struct bpf *bpf = malloc(sizeof(*bpf));
	struct program program;
	struct reason ignored;
	int err;

	if (!bpf)
		return fail_errno(why, ENOMEM, "BPF");
	*bpf = (struct bpf){ -1, -1, -1, -1, -1, -1, NULL };
	probe->private = bpf;
	err = make_window(bpf, why);
	if (err)
		return err;

	program_read(&program, bpf->map);
	bpf->read = load_program(probe, "thpin_read", &program, NULL, why);
	if (bpf->read < 0)
		return bpf->read;
	/* Its loop is followed since 5.3, iterators are there since 5.8 (2589726d12a1, eaaacd23910f). */
	program_read_parts(&program, bpf->map);
	bpf->read_parts = load_program(probe, "thpin_read_parts", &program, NULL, why);
	if (bpf->read_parts < 0)
		return bpf->read_parts;
	if (program_tasks(&program, &probe->types))
		return fail(why, EOPNOTSUPP, "this kernel has no BPF iterator of tasks");
	bpf->tasks = load_program(probe, "thpin_tasks", &program, "bpf_iter_task", why);
	if (bpf->tasks < 0)
		return bpf->tasks;
	if (program_files(&program, &probe->types))
		return fail(why, EOPNOTSUPP, "this kernel has no BPF iterator of files");
	bpf->files = load_program(probe, "thpin_files", &program, "bpf_iter_task_file", why);
	if (bpf->files < 0)
		return bpf->files;
	/* Not before 5.12: then VMAs are read as lists are. */
	if (!program_vmas(&program, &probe->types))
		bpf->vmas = load_program(probe, "thpin_vmas", &program, "bpf_iter_task_vma",
					 &ignored);
	return 0;
}

static void bpf_close(struct probe *probe)
{
	struct bpf *bpf = probe->private;

	if (!bpf)
		return;
	if (bpf->window)
		munmap(bpf->window, sizeof(*bpf->window));
	close_fd(&bpf->vmas);
	close_fd(&bpf->files);
	close_fd(&bpf->tasks);
	close_fd(&bpf->read_parts);
	close_fd(&bpf->read);
	close_fd(&bpf->map);
	free(bpf);
	probe->private = NULL;
}

/* Run a program that is attached to nothing. */
static int run(int program, uint64_t *arguments, size_t size)
{
	struct bpf_test_run_opts options = {
		.sz = sizeof(options),
		.ctx_in = arguments,
		.ctx_size_in = (uint32_t)size,
	};

	if (bpf_prog_test_run_opts(program, &options))
		return -errno;
	if (options.retval)
		return (int)options.retval < 0 ? (int)options.retval : -EIO;
	return 0;
}

/*
 * At an address that is none of the kernel's, or none at all, copy_from_kernel_nofault()
 * gives -ERANGE (mm/maccess.c, arch/x86/mm/maccess.c): there is nothing, either.
 */
static int nothing_there(int64_t err)
{
	return err == -ERANGE ? -EFAULT : (int)err;
}

static int bpf_read(struct probe *probe, uint64_t address, void *data, size_t size)
{
	struct bpf *bpf = probe->private;
	uint64_t arguments[2] = { address, size };
	int err = nothing_there(run(bpf->read, arguments, sizeof(arguments)));

	if (!err)
		memcpy(data, bpf->window->data, size);
	return err;
}

static int bpf_read_parts(struct probe *probe, struct probe_part *parts, size_t count,
			  const unsigned char **data)
{
	struct bpf *bpf = probe->private;
	uint64_t argument = count;
	int err;

	memcpy(bpf->window->parts, parts, count * sizeof(*parts));
	err = run(bpf->read_parts, &argument, sizeof(argument));
	memcpy(parts, bpf->window->parts, count * sizeof(*parts));
	for (size_t i = 0; i < count; i++)
		parts[i].err = nothing_there(parts[i].err);
	*data = bpf->window->parts_data;
	return err;
}

/* --- iterators --------------------------------------------------------------- */

/*
 * A descriptor that an iterator's records are read from; with @tgid those of one
 * process where the kernel can do that (6.1), else of all.
 */
static int open_iterator(int program, pid_t tgid)
{
	union bpf_iter_link_info info = { .task = { .pid = (uint32_t)tgid } };
	struct bpf_link_create_opts options = { .sz = sizeof(options) };
	int link, fd, err;

	if (tgid) {
		options.iter_info = &info;
		options.iter_info_len = sizeof(info);
	}
	link = bpf_link_create(program, 0, BPF_TRACE_ITER, &options);
	if (link < 0 && tgid && errno != ESRCH) {
		options.iter_info = NULL;
		options.iter_info_len = 0;
		link = bpf_link_create(program, 0, BPF_TRACE_ITER, &options);
	}
	if (link < 0)
		return -errno;
	fd = bpf_iter_create(link);
	err = -errno;
	close(link);
	return fd < 0 ? err : fd;
}

/* Give the callback of some kind of walk one record. */
typedef int take_record(const void *record, pid_t tgid, void *walk);

static int iterate(int program, pid_t tgid, size_t record_size, take_record *take, void *walk,
		   struct reason *why)
{
	size_t used = 0, room = (size_t)64 * 1024;
	unsigned char *buffer;
	int fd, err = 0;
	ssize_t got;

	fd = open_iterator(program, tgid);
	if (fd == -ESRCH)
		return 0; /* the process is gone */
	if (fd < 0)
		return fail_errno(why, -fd, "BPF iterator");
	buffer = malloc(room);
	if (!buffer) {
		close(fd);
		return fail_errno(why, ENOMEM, "BPF iterator");
	}
	while (!err && (got = read(fd, buffer + used, room - used))) {
		size_t at = 0;

		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got < 0) {
			err = fail_errno(why, errno, "read of a BPF iterator");
			break;
		}
		used += (size_t)got;
		for (; !err && used - at >= record_size; at += record_size)
			err = take(buffer + at, tgid, walk);
		used -= at;
		memmove(buffer, buffer + at, used);
	}
	free(buffer);
	close(fd);
	return err;
}

struct task_walk {
	probe_task_fn *each;
	void *context;
};

static int take_task(const void *data, pid_t tgid, void *context)
{
	const struct task_walk *walk = context;
	struct task_record record;
	struct probe_task task;

	memcpy(&record, data, sizeof(record));
	task = (struct probe_task){
		.pid = (pid_t)record.pid,
		.tgid = (pid_t)record.tgid,
		.task = record.task,
		.mm = record.mm,
		.files = record.files,
	};
	return tgid && tgid != task.tgid ? 0 : walk->each(&task, walk->context);
}

static int bpf_tasks(struct probe *probe, pid_t tgid, probe_task_fn *each, void *context,
		     struct reason *why)
{
	struct bpf *bpf = probe->private;
	struct task_walk walk = { each, context };

	return iterate(bpf->tasks, tgid, sizeof(struct task_record), take_task, &walk, why);
}

struct file_walk {
	probe_file_fn *each;
	void *context;
};

static int take_file(const void *data, pid_t tgid, void *context)
{
	const struct file_walk *walk = context;
	struct file_record record;
	struct probe_file file;

	memcpy(&record, data, sizeof(record));
	file = (struct probe_file){
		.tgid = (pid_t)record.tgid,
		.fd = (int)record.fd,
		.file = record.file,
		.f_op = record.f_op,
		.private_data = record.private_data,
		.inode = record.inode,
	};
	return tgid && tgid != file.tgid ? 0 : walk->each(&file, walk->context);
}

static int bpf_files(struct probe *probe, pid_t tgid, probe_file_fn *each, void *context,
		     struct reason *why)
{
	struct bpf *bpf = probe->private;
	struct file_walk walk = { each, context };

	return iterate(bpf->files, tgid, sizeof(struct file_record), take_file, &walk, why);
}

struct vma_walk {
	probe_vma_fn *each;
	void *context;
	uint32_t pid; /* the thread whose VMAs are taken: they share them */
	uint64_t last_end;
};

static int take_vma(const void *data, pid_t tgid, void *context)
{
	struct vma_walk *walk = context;
	struct vma_record record;
	struct probe_vma vma;

	memcpy(&record, data, sizeof(record));
	vma = (struct probe_vma){
		.start = record.start,
		.end = record.end,
		.flags = record.flags,
		.file = record.file,
		.page_offset = record.page_offset,
		.anon_offset = record.anon_offset,
		.anon_vma = record.anon_vma,
	};
	if ((pid_t)record.tgid != tgid)
		return 0;
	if (!walk->pid)
		walk->pid = record.pid;
	/*
	 * The iterator gives way to who waits for mmap_lock, and goes on where it was:
	 * a VMA that has grown meanwhile comes once more.
	 */
	if (record.pid != walk->pid || vma.end <= walk->last_end)
		return 0;
	if (vma.start < walk->last_end) {
		vma.page_offset += (walk->last_end - vma.start) / (uint64_t)getpagesize();
		vma.anon_offset += (walk->last_end - vma.start) / (uint64_t)getpagesize();
		vma.start = walk->last_end;
	}
	walk->last_end = vma.end;
	return walk->each(&vma, walk->context);
}

static int bpf_vmas(struct probe *probe, pid_t tgid, probe_vma_fn *each, void *context,
		    struct reason *why)
{
	struct bpf *bpf = probe->private;
	struct vma_walk walk = { .each = each, .context = context };

	if (bpf->vmas < 0)
		return fail(why, EOPNOTSUPP, "this kernel has no BPF iterator of VMAs");
	return iterate(bpf->vmas, tgid, sizeof(struct vma_record), take_vma, &walk, why);
}

#else

#define bpf_open NULL
#define bpf_close NULL
#define bpf_read no_read
#define bpf_read_parts NULL
#define bpf_tasks NULL
#define bpf_files NULL
#define bpf_vmas NULL

static int bpf_check(struct reason *why)
{
	return fail(why, EOPNOTSUPP, "%s", LIBBPF_REASON);
}

static int no_read(struct probe *probe, uint64_t address, void *data, size_t size)
{
	(void)probe;
	(void)address;
	(void)data;
	(void)size;
	return -EOPNOTSUPP;
}

#endif

const struct probe_ops probe_bpf = {
	.name = "bpf",
	.help = "page states, files and VMAs by BPF programs; exact and fast",
	.level = PROBE_BPF,
	.check = bpf_check,
	.open = bpf_open,
	.close = bpf_close,
	.read = bpf_read,
	.read_parts = bpf_read_parts,
	.tasks = bpf_tasks,
	.files = bpf_files,
	.vmas = bpf_vmas,
};
