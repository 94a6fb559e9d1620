// SPDX-License-Identifier: GPL-2.0-or-later
// cores: 1
/*
 * A process that maps, unmaps, opens, closes, forks and exits all the time, seen by
 * iterators and by walks without a lock: what is returned may be old, but is never
 * impossible, and no walk goes on for ever. States of pages all over memory, too.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inspect/probe/probe.h"
#include "inspect/probe/walk.h"
#include "tap.h"
#include "util/io.h"

#define SECONDS 2
#define PAGE ((size_t)4096)
#define CHUNK 512

/* --- the target -------------------------------------------------------------- */

static void *map_and_unmap(void *unused)
{
	void *memory[32] = { NULL };

	(void)unused;
	for (unsigned i = 0;; i++) {
		void **slot = &memory[i * 7 % 32];
		size_t size = (1 + i % 5) * PAGE;

		if (*slot && *slot != MAP_FAILED)
			munmap(*slot, PAGE);
		*slot = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0);
		if (*slot == MAP_FAILED)
			continue;
		memset(*slot, 1, size);
		mprotect(*slot, PAGE, PROT_READ);
		if (size > PAGE)
			munmap((char *)*slot + PAGE, size - PAGE);
	}
	return NULL;
}

static void *open_and_close(void *unused)
{
	int fd[64];

	(void)unused;
	memset(fd, -1, sizeof(fd));
	for (unsigned i = 0;; i++) {
		close_fd(&fd[i * 11 % 64]);
		/* Far up now and then, so that the table grows. */
		fd[i * 11 % 64] = i % 64 ? open("/dev/null", O_RDONLY | O_CLOEXEC) :
					   fcntl(0, F_DUPFD_CLOEXEC, 300);
	}
	return NULL;
}

static _Noreturn void target(void)
{
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (pthread_create(&thread, NULL, map_and_unmap, NULL) ||
	    pthread_create(&thread, NULL, open_and_close, NULL))
		_exit(1);
	for (;;) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
}

/* --- what is seen ------------------------------------------------------------ */

struct seen {
	pid_t tgid;
	uint64_t count, wrong, last_end;
};

static int see_task(const struct probe_task *task, void *context)
{
	struct seen *seen = context;

	seen->count++;
	seen->wrong += !is_kernel_address(task->task) || (task->mm && !is_kernel_address(task->mm));
	return 0;
}

static int see_file(const struct probe_file *file, void *context)
{
	struct seen *seen = context;

	seen->count++;
	seen->wrong += file->tgid != seen->tgid || file->fd < 0 || !is_kernel_address(file->file);
	return 0;
}

static int see_vma(const struct probe_vma *vma, void *context)
{
	struct seen *seen = context;

	seen->count++;
	seen->wrong += vma->start >= vma->end || vma->start < seen->last_end ||
		       (vma->file && !is_kernel_address(vma->file));
	seen->last_end = vma->end;
	return 0;
}

typedef int look_fn(struct probe *probe, struct seen *seen, struct reason *why);

static int look_tasks(struct probe *probe, struct seen *seen, struct reason *why)
{
	return probe_tasks(probe, seen->tgid, see_task, seen, why);
}

static int look_files(struct probe *probe, struct seen *seen, struct reason *why)
{
	return probe_files(probe, seen->tgid, see_file, seen, why);
}

static int look_files_walked(struct probe *probe, struct seen *seen, struct reason *why)
{
	return walk_files(probe, seen->tgid, see_file, seen, why);
}

static int look_vmas(struct probe *probe, struct seen *seen, struct reason *why)
{
	return probe_vmas(probe, seen->tgid, see_vma, seen, why);
}

static int look_vmas_walked(struct probe *probe, struct seen *seen, struct reason *why)
{
	return walk_vmas(probe, seen->tgid, see_vma, seen, why);
}

static void test_look(struct probe *probe, pid_t pid, look_fn *look, const char *name)
{
	uint64_t end = clock_ns() + SECONDS * UINT64_C(1000000000), longest = 0, looks = 0;
	struct seen all = { .tgid = pid };
	struct reason why = { "" };
	int err = 0;

	while (!err && clock_ns() < end) {
		struct seen seen = { .tgid = pid };
		uint64_t began = clock_ns(), took;

		err = look(probe, &seen, &why);
		took = clock_ns() - began;
		longest = took > longest ? took : longest;
		all.count += seen.count;
		all.wrong += seen.wrong;
		looks++;
	}
	is_int(err, 0, "%s, %llu times: no error %s", name, (unsigned long long)looks,
	       err ? why.text : "");
	ok(all.count > looks / 2, "%s: mostly there is something", name);
	is_int((int64_t)all.wrong, 0, "%s: nothing impossible", name);
	ok(longest < UINT64_C(5000000000), "%s: none took longer than %.0f ms", name,
	   (double)longest / 1e6);
}

/* Any state that is given has to fit together, whatever the page is used for. */
static bool is_sane(const struct page_state *page, uint64_t pfn)
{
	const struct folio *folio = &page->folio;

	if (page->pfn != pfn)
		return false;
	if (folio->refcount == -1 && folio->head == pfn)
		return true;
	return folio->head <= pfn && pfn < folio->head + (UINT64_C(1) << folio->order) &&
	       !(folio->head & ((UINT64_C(1) << folio->order) - 1));
}

static void test_memory(struct probe *probe)
{
	uint64_t end = clock_ns() + SECONDS * UINT64_C(1000000000), pages = 0, wrong = 0;
	struct page_state *states = calloc(CHUNK, sizeof(*states));
	struct reason why = { "" };
	struct sysinfo info;
	uint64_t limit, known = 0;
	int err = 0;

	if (!states || sysinfo(&info))
		bail_out("no memory");
	limit = (uint64_t)info.totalram * info.mem_unit / PAGE;
	srandom(1);
	while (!err && clock_ns() < end) {
		uint64_t pfn = ((uint64_t)random() << 20 ^ (uint64_t)random()) % limit;

		err = probe_pages(probe, pfn, CHUNK, states, &why);
		for (unsigned i = 0; !err && i < CHUNK; i++) {
			wrong += !is_sane(&states[i], pfn + i);
			known += states[i].folio.refcount >= 0;
		}
		pages += CHUNK;
	}
	is_int(err, 0, "%llu pages of memory: no error %s", (unsigned long long)pages,
	       err ? why.text : "");
	is_int((int64_t)wrong, 0, "each fits together");
	ok(known > pages / 2, "most are known");
	free(states);
}

int main(void)
{
	struct probe probe;
	struct reason why;
	pid_t pid;

	if (probe_open(&probe, PROBE_AUTO, &why) || !probe_reads(&probe)) {
		probe_close(&probe);
		printf("1..0 # SKIP %s\n", why.text);
		return 0;
	}
	pid = fork();
	if (!pid)
		target();
	test_look(&probe, pid, look_tasks, "threads");
	test_look(&probe, pid, look_files, "files");
	test_look(&probe, pid, look_files_walked, "files by their table");
	test_look(&probe, pid, look_vmas, "VMAs");
	test_look(&probe, pid, look_vmas_walked, "VMAs by their tree");
	test_memory(&probe);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	probe_close(&probe);
	return done_testing();
}
