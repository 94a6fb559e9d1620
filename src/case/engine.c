// SPDX-License-Identifier: GPL-2.0-or-later
#include "case/engine.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case/select.h"
#include "case/worker.h"
#include "host/guardian.h"
#include "host/host.h"
#include "memory/memory.h"
#include "pins/pins.h"
#include "races/races.h"
#include "util/io.h"
#include "util/shared.h"

/* What a provider said of this host; asked once a run. */
struct probed {
	bool asked;
	int err;
	struct reason why;
};

struct engine {
	struct run *run;
	struct worker_memory shared;
	struct probed *pins, *memory, *races;
	struct guardian guardian;
	int stop;      /* signalfd of SIGINT and SIGTERM */
	sigset_t mask; /* as it was */
};

static void work(const struct engine *engine, const struct case_id *id, int outcome_fd,
		 pid_t parent, const struct case_options *options)
{
	struct guardian guardian = engine->guardian;
	struct outcome outcome;

	/* Own group: the whole of it is killed when its time is over. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	/* Whoever reads thpin's output must not wait for what a worker leaves. */
	close(STDOUT_FILENO);
	open("/dev/null", O_WRONLY);
	sigprocmask(SIG_SETMASK, &engine->mask, NULL);
	worker_run(id, options, engine->run->host, &engine->shared, &guardian, &outcome);
	write_all(outcome_fd, &outcome, sizeof(outcome));
	_exit(0);
}

/* Takes the signal, which would end thpin once it is unblocked. */
static bool told_to_stop(const struct engine *engine)
{
	struct signalfd_siginfo info;

	return read(engine->stop, &info, sizeof(info)) == (ssize_t)sizeof(info);
}

/* 0 when the record is there, -ETIMEDOUT, -EINTR when told to stop, or -EPIPE. */
static int wait_outcome(const struct engine *engine, int fd, unsigned timeout_ms,
			struct outcome *outcome)
{
	uint64_t deadline = clock_ns() + timeout_ms * UINT64_C(1000000);
	unsigned char *to = (unsigned char *)outcome;
	size_t used = 0;

	while (used < sizeof(*outcome)) {
		struct pollfd ready[] = {
			{ .fd = fd, .events = POLLIN },
			{ .fd = engine->stop, .events = POLLIN },
		};
		uint64_t now = clock_ns();
		ssize_t n;

		if (now >= deadline)
			return -ETIMEDOUT;
		if (poll(ready, 2, (int)((deadline - now) / 1000000) + 1) < 0 && errno != EINTR)
			return -errno;
		if (ready[1].revents)
			return told_to_stop(engine) ? -EINTR : -EIO;
		if (!ready[0].revents)
			continue;
		n = read(fd, to + used, sizeof(*outcome) - used);
		if (n <= 0)
			return -EPIPE;
		used += (size_t)n;
	}
	return 0;
}

static void lost_worker(struct outcome *outcome, enum pin_class class, int err, int status,
			unsigned timeout_ms)
{
	outcome_init(outcome, class);
	outcome->verdict = VERDICT_ERROR;
	outcome->timed_out = err == -ETIMEDOUT;
	if (err == -EINTR)
		fail(&outcome->reason, EINTR, "interrupted");
	else if (err == -ETIMEDOUT)
		fail(&outcome->reason, ETIMEDOUT,
		     "not done after %u.%u s; killed (livelock in the kernel, or a slow machine: --timeout)",
		     timeout_ms / 1000, timeout_ms % 1000 / 100);
	else if (WIFSIGNALED(status))
		fail(&outcome->reason, EIO, "the worker was killed by signal %d (%s)",
		     WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		fail_errno(&outcome->reason, -err, "no outcome from the worker");
}

/* How long a worker that was sent SIGKILL may take to end. */
#define REAP_MS 3000

/*
 * Reap the worker, which is dead or was sent SIGKILL. One that is stuck in the
 * kernel must not hang thpin: it is left behind after a while. Without pidfds
 * (before Linux 5.3, or forbidden) it is looked for time and again.
 */
static int reap(pid_t worker)
{
	struct pollfd ended = { .fd = (int)syscall(SYS_pidfd_open, worker, 0), .events = POLLIN };
	uint64_t deadline = clock_ns() + REAP_MS * UINT64_C(1000000);
	int status = 0;

	if (ended.fd >= 0)
		poll(&ended, 1, REAP_MS);
	close_fd(&ended.fd);
	while (!waitpid(worker, &status, WNOHANG) && clock_ns() < deadline)
		usleep(100);
	return status;
}

/*
 * True when something of a case could not be undone: an error, whatever became of the
 * case. Said first, as the end of a long reason is cut.
 */
static bool leaves_something(struct engine *engine, struct outcome *outcome)
{
	struct reason undo, before = outcome->reason;

	if (!guardian_undo(&engine->guardian, &undo))
		return false;
	outcome->verdict = VERDICT_ERROR;
	fail(&outcome->reason, EIO, "%s%s%s", undo.text, *before.text ? "; " : "", before.text);
	return true;
}

/* -EINTR when told to stop; what was interrupted has an outcome if it leaves something. */
static int run_trial(struct engine *engine, const struct case_id *id,
		     const struct case_options *options, struct outcome *outcome,
		     struct reason *why)
{
	/* What a statistical race takes by plan is no sign of a fault. */
	unsigned planned_ms = id->race->statistical ? case_seconds(options) * 1000 : 0;
	unsigned timeout_ms = options->timeout_ms + planned_ms;
	uint64_t began = clock_ns();
	pid_t worker, self = getpid();
	int pipe[2], err, status;
	bool left;

	outcome_init(outcome, id->pin->class(engine->run->host));
	err = id->race->before_worker ?
		      id->race->before_worker(&engine->guardian, &outcome->reason) :
		      0;
	if (err) {
		/* What another thpin holds is no fault; a guardian that cannot undo is. */
		outcome->verdict = err == -EUSERS ? VERDICT_SKIPPED : VERDICT_ERROR;
		leaves_something(engine, outcome);
		return 0;
	}
	if (pipe2(pipe, O_CLOEXEC))
		return fail_errno(why, errno, "pipe");
	worker = fork();
	if (worker < 0)
		return fail_errno(why, errno, "cannot fork a worker");
	if (!worker) {
		close(pipe[0]);
		work(engine, id, pipe[1], self, options);
	}
	setpgid(worker, worker);
	close(pipe[1]);
	err = wait_outcome(engine, pipe[0], timeout_ms, outcome);
	close(pipe[0]);
	/* Whatever the worker has left behind is of its group. */
	kill(-worker, SIGKILL);
	status = reap(worker);
	if (err)
		lost_worker(outcome, id->pin->class(engine->run->host), err, status, timeout_ms);
	left = leaves_something(engine, outcome);
	outcome->ns = clock_ns() - began;
	engine->run->interrupted |= err == -EINTR;
	return err == -EINTR && !left ? err : 0;
}

static int probe(struct probed *probed, int (*ask)(const struct host *host, struct reason *why),
		 const struct host *host, struct reason *why)
{
	if (!probed->asked) {
		probed->err = ask ? ask(host, &probed->why) : 0;
		probed->asked = true;
	}
	if (probed->err)
		*why = probed->why;
	return probed->err;
}

/* Skips a case that cannot run here without a process for it. */
static bool can_run(struct engine *engine, struct case_result *result)
{
	const struct host *host = engine->run->host;
	const struct case_id *id = &result->id;
	struct outcome skipped;
	struct reason *why = &skipped.reason;
	const char *inapplicable = case_inapplicable(id);
	size_t pin = 0, memory = 0, race = 0;

	while (pin_list[pin] != id->pin)
		pin++;
	while (memory_list[memory] != id->memory)
		memory++;
	while (race_list[race] != id->race)
		race++;
	outcome_init(&skipped, id->pin->class(host));
	if (inapplicable)
		fail(why, ENOTSUP, "%s", inapplicable);
	else if (!probe(&engine->pins[pin], id->pin->probe, host, why) &&
		 !probe(&engine->memory[memory], id->memory->probe, host, why) &&
		 !probe(&engine->races[race], id->race->probe, host, why))
		return true;
	skipped.verdict = VERDICT_SKIPPED;
	result_add(result, &skipped);
	return false;
}

static int run_case(struct engine *engine, struct case_result *result, struct reason *why)
{
	struct case_options options = engine->run->options;
	const struct case_id id = result->id; /* for the worker, which has no results */

	if (!can_run(engine, result))
		return 0;
	for (unsigned trial = 0; trial < engine->run->repeat; trial++) {
		struct outcome outcome = { .verdict = VERDICT_ERROR };
		int err;

		err = run_trial(engine, &id, &options, &outcome, why);
		if (err)
			return err;
		result_add(result, &outcome);
		/* What never comes to an end is not tried again. */
		if (outcome.verdict == VERDICT_SKIPPED || outcome.timed_out ||
		    engine->run->interrupted)
			break;
		options.seed++; /* another page, other tags */
	}
	return 0;
}

/* Its in-sync verdicts are worth what a control has shown of the detector. */
static bool wants_control(const struct run *run, const struct case_id *id)
{
	for (size_t i = 0; i < run->count; i++)
		if (!run->results[i].control && same_place(&run->results[i].id, id) &&
		    run->results[i].outcome.verdict == VERDICT_IN_SYNC && run->results[i].ran)
			return true;
	return false;
}

/*
 * Where a control cannot run the next one may: MADV_DONTNEED takes hugetlb memory only
 * since Linux 5.18. When none can the first stands, with its reason.
 */
static int run_control(struct engine *engine, struct case_result *result, struct reason *why)
{
	struct case_result first;
	int err = run_case(engine, result, why);

	if (err || result->outcome.verdict != VERDICT_SKIPPED ||
	    !wants_control(engine->run, &result->id))
		return err;
	first = *result;
	while (!err && result->outcome.verdict == VERDICT_SKIPPED) {
		if (!plan_control(result, engine->run->host)) {
			*result = first;
			break;
		}
		err = run_case(engine, result, why);
	}
	return err;
}

/* From result @first on */
static int run_from(struct engine *engine, size_t first, engine_progress *progress, void *context,
		    struct reason *why)
{
	struct run *run = engine->run;

	for (size_t i = first; i < run->count; i++) {
		struct case_result *result = &run->results[i];
		char name[CASE_NAME_SIZE];
		int err;

		progress(context, i, run->count, case_name(&result->id, name));
		err = result->control ? run_control(engine, result, why) :
					run_case(engine, result, why);
		/* A trial that was ended is no failure. */
		if (run->interrupted)
			return 0;
		if (err)
			return err;
	}
	return 0;
}

static int run_all(struct engine *engine, engine_progress *progress, void *context,
		   struct reason *why)
{
	struct run *run = engine->run;
	size_t planned = run->count;
	int err = run_from(engine, 0, progress, context, why);

	if (err || run->interrupted || !run->controls)
		return err;
	/* A case by design that was asked for stands for a control, but was it run? */
	add_controls(run->results, &run->count, run->host);
	return run_from(engine, planned, progress, context, why);
}

/*
 * The region of a case begins where a huge page does, and all three are copied to and
 * compared with each other.
 */
#define DEVICE_SKEW ((size_t)128 << 10)
#define VIEW_SKEW ((size_t)256 << 10)

static int make_memory(struct engine *engine, struct reason *why)
{
	size_t size = engine->run->options.size;
	int err;

	err = shared_make(&engine->shared.device, size, DEVICE_SKEW);
	if (!err)
		err = shared_make(&engine->shared.view, size + size / engine->run->host->page_size,
				  VIEW_SKEW);
	return err ? fail_errno(why, -err, "cannot map %zu bytes", size) : 0;
}

/*
 * Advise about the results, of which no child needs to know. Of the 12,500 cases of
 * --all they take 57 MB, with whose page tables a fork() and the child's end take 5 ms
 * instead of 0.6, and some cases have five. Only whole pages: what else is in the
 * others is the heap's.
 */
static void advise_results(const struct run *run, int advice)
{
	uintptr_t page_size = run->host->page_size, from = (uintptr_t)run->results;
	uintptr_t to = (uintptr_t)(run->results + run->count) & ~(page_size - 1);

	from = (from + page_size - 1) & ~(page_size - 1);
	if (from < to)
		madvise((void *)from, to - from, advice);
}

static int set_up(struct engine *engine, struct reason *why)
{
	int err;

	advise_results(engine->run, MADV_DONTFORK);
	engine->pins = calloc(pin_list_count, sizeof(*engine->pins));
	engine->memory = calloc(memory_list_count, sizeof(*engine->memory));
	engine->races = calloc(race_list_count, sizeof(*engine->races));
	if (!engine->pins || !engine->memory || !engine->races)
		return fail_errno(why, ENOMEM, "cases");
	err = make_memory(engine, why);
	return err ? err : guardian_start(&engine->guardian, why);
}

static void tear_down(struct engine *engine)
{
	guardian_stop(&engine->guardian);
	advise_results(engine->run, MADV_DOFORK);
	shared_drop(&engine->shared.device);
	shared_drop(&engine->shared.view);
	free(engine->pins);
	free(engine->memory);
	free(engine->races);
}

int engine_run(struct run *run, engine_progress *progress, void *context, struct reason *why)
{
	struct engine engine = {
		.run = run,
		.guardian.socket = -1,
		.shared = { .device.fd = -1, .view.fd = -1 },
	};
	uint64_t began = clock_ns();
	sigset_t stop;
	int err;

	err = set_up(&engine, why);
	if (err) {
		tear_down(&engine);
		return err;
	}
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, &engine.mask);
	engine.stop = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
	err = engine.stop < 0 ? fail_errno(why, errno, "signalfd") :
				run_all(&engine, progress, context, why);
	/* After the last case, or a second one. */
	while (engine.stop >= 0 && told_to_stop(&engine))
		run->interrupted = true;
	close_fd(&engine.stop);
	sigprocmask(SIG_SETMASK, &engine.mask, NULL);
	tear_down(&engine);
	run->ns = clock_ns() - began;
	return err;
}
