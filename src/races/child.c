// SPDX-License-Identifier: GPL-2.0-or-later
#include "races/child.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case/tags.h"
#include "pins/pins.h"
#include "util/io.h"
#include "util/shared.h"

/* Where the child writes to the watched page, and each byte of what it writes. */
#define CHILD_MARK_OFFSET (CPU_MARK_OFFSET + CPU_MARK_SIZE)
#define CHILD_MARK_BYTE 0xee
#define CHILD_MARK_WORD UINT64_C(0xeeeeeeeeeeeeeeee)

/* One answer of the child: a word of the page, or why there is none or no pin. */
struct answer {
	int err; /* positive errno; EFAULT: not mapped */
	pid_t pid;
	uint64_t word;
	struct reason why; /* of a pin */
};

/*
 * Read the word at @offset of the page without a signal where nothing is mapped: a
 * pipe write returns EFAULT.
 */
static struct answer look(const struct race *race, size_t offset)
{
	struct answer answer = { .pid = getpid() };
	int pipe[2];

	if (pipe2(pipe, O_CLOEXEC)) {
		answer.err = errno;
		return answer;
	}
	if (write(pipe[1], race->region->page[race->page] + offset, sizeof(answer.word)) < 0)
		answer.err = errno;
	else if (read(pipe[0], &answer.word, sizeof(answer.word)) != sizeof(answer.word))
		answer.err = EIO;
	close(pipe[0]);
	close(pipe[1]);
	return answer;
}

/*
 * All pages, to the shared view. As in look() the kernel copies them, but to a
 * memfd: a failed write leaves an empty buffer behind in a pipe.
 */
static struct answer view(const struct race *race)
{
	const struct region *region = race->region;
	struct answer answer = { .pid = getpid() };
	unsigned char *present = race->view->data + region->size;
	size_t size = region->page_size;

	memset(present, 0, region->pages);
	for (unsigned i = 0, count; i < region->pages; i += count) {
		ssize_t done;

		count = 1;
		if (!region->page[i])
			continue;
		/* It ends at the first page that is not mapped: that one is passed over. */
		done = pwrite(race->view->fd, region->page[i], region_adjacent(region, i) * size,
			      race->view->at + (off_t)(i * size));
		if (done < 0 && errno != EFAULT)
			answer.err = errno;
		if (done < (ssize_t)size)
			continue;
		count = (unsigned)((size_t)done / size);
		memset(present + i, 1, count);
	}
	return answer;
}

static int unmap(const struct region *region)
{
	size_t size = region->page_size;

	for (unsigned i = 0, count; i < region->pages; i += count) {
		count = 1;
		if (!region->page[i])
			continue;
		count = region_adjacent(region, i); /* huge pages go as a whole */
		if (munmap(region->page[i], count * size))
			return -errno;
	}
	return 0;
}

static void mark_all(const struct race *race)
{
	for (unsigned i = 0; i < race->region->pages; i++)
		if (race->region->page[i])
			tag_fill(race->region->page[i] + CPU_MARK_OFFSET, CPU_MARK_SIZE, TAG_CHILD,
				 i, race->seed);
}

/* The pin is the child's, and so is the device. */
static int pin_step(struct race *race, char command, struct reason *why)
{
	struct pin *pin = race->pin;

	if (command == 'r')
		return pin->ops->device_read(pin, why);
	if (command == 'd')
		return pin->ops->device_write(pin, why);
	return pin_take(pin, race->region, why);
}

/*
 * Nothing here may lock or allocate, as the worker may have had threads; but for
 * what a pin does, which is the child's only before the worker has any.
 */
static void obey(struct race *race, int commands, int answers)
{
	struct answer answer = { .pid = getpid() };
	char command;

	while (!read_all(commands, &command, 1)) {
		answer.err = 0;
		switch (command) {
		case 'l':
			answer = look(race, 0);
			break;
		case 'm':
			answer = look(race, CPU_MARK_OFFSET);
			break;
		case 'v':
			answer = view(race);
			break;
		case 'w':
			memset(race->region->page[race->page] + CHILD_MARK_OFFSET, CHILD_MARK_BYTE,
			       CPU_MARK_SIZE);
			break;
		case 'o':
			answer = look(race, CHILD_MARK_OFFSET);
			break;
		case 'W':
			mark_all(race);
			break;
		case 'u':
			answer.err = -unmap(race->region);
			break;
		case 'p':
		case 'r':
		case 'd':
			answer.err = -pin_step(race, command, &answer.why);
			break;
		case 'g':
			answer.pid = fork();
			if (answer.pid < 0)
				answer.err = errno;
			else if (answer.pid)
				_exit(0);
			answer.pid = getpid();
			break;
		default:
			_exit(0);
		}
		if (write_all(answers, &answer, sizeof(answer)))
			_exit(1);
	}
	_exit(0);
}

/* The two pipes of race->to_child and ->from_child, all four ends; or none of them. */
static int make_pipes(int to[2], int from[2], struct reason *why)
{
	int err;

	if (pipe2(to, O_CLOEXEC))
		return fail_errno(why, errno, "pipe");
	if (!pipe2(from, O_CLOEXEC))
		return 0;
	err = fail_errno(why, errno, "pipe");
	close(to[0]);
	close(to[1]);
	return err;
}

int child_fork(struct race *race, struct reason *why)
{
	int to[2], from[2], err = make_pipes(to, from, why);

	if (err)
		return err;
	/* A grandchild whose parent exits is to be reaped here. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	race->child = fork();
	if (race->child < 0) {
		err = fail_errno(why, errno, "fork");
		race->child = 0; /* nobody to tell to exit, nor to wait for */
	}
	if (!err && !race->child) {
		/* The end of the worker closes its end of this pipe. */
		close(to[1]);
		close(from[0]);
		obey(race, to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	race->to_child = to[1];
	race->from_child = from[0];
	if (err) {
		close_fd(&race->to_child);
		close_fd(&race->from_child);
	}
	return err;
}

static int ask(struct race *race, char command, struct answer *answer, struct reason *why)
{
	int err = write_all(race->to_child, &command, 1);

	if (!err)
		err = read_all(race->from_child, answer, sizeof(*answer));
	return err ? fail(why, -err, "the child of the race died") : 0;
}

static int ask_look(struct race *race, char command, struct reason *why)
{
	struct answer answer = { .err = 0 };
	int err = ask(race, command, &answer, why);

	if (err)
		return err;
	if (answer.err == EFAULT)
		return CHILD_UNMAPPED;
	if (answer.err)
		return fail_errno(why, answer.err, "the child cannot look at the page");
	if (answer.word == tag_old(race->region, race->page, race->seed))
		return CHILD_SEES_OLD;
	if (answer.word == tag_word(TAG_CPU, race->page, race->seed))
		return CHILD_SEES_WRITE;
	return answer.word ? CHILD_SEES_OTHER : CHILD_SEES_ZERO;
}

int child_look(struct race *race, struct reason *why)
{
	return ask_look(race, 'l', why);
}

int child_look_at_write(struct race *race, struct reason *why)
{
	return ask_look(race, 'm', why);
}

int child_fork_seeing_old(struct race *race, struct reason *why)
{
	int sees, err = child_fork(race, why);

	if (err)
		return err;
	sees = child_look(race, why);
	if (sees >= 0 && sees != CHILD_SEES_OLD) {
		fail(why, EIO, "the child does not see the memory of its parent");
		return RACE_NO_EFFECT;
	}
	outcome_event(race->outcome, ACTOR_PARENT, "forks; the child maps the same memory");
	return sees < 0 ? sees : RACE_DONE;
}

int child_view(struct race *race, struct reason *why)
{
	struct answer answer = { .err = 0 };
	int err = ask(race, 'v', &answer, why);

	if (!err && answer.err)
		err = fail_errno(why, answer.err, "the child cannot look at its memory");
	return err;
}

int child_write(struct race *race, struct reason *why)
{
	struct answer answer = { .err = 0 };

	return ask(race, 'w', &answer, why);
}

int child_sees_own(struct race *race, struct reason *why)
{
	struct answer answer = { .err = 0 };
	int err = ask(race, 'o', &answer, why);

	if (!err && answer.err)
		err = fail_errno(why, answer.err, "the child cannot look at the page");
	return err ? err : answer.word == CHILD_MARK_WORD;
}

bool parent_sees_childs(const struct race *race)
{
	uint64_t word;

	memcpy(&word, race->region->page[race->page] + CHILD_MARK_OFFSET, sizeof(word));
	return word == CHILD_MARK_WORD;
}

int child_write_all(struct race *race, struct reason *why)
{
	struct answer answer = { .err = 0 };

	return ask(race, 'W', &answer, why);
}

int child_unmap(struct race *race, struct reason *why)
{
	struct answer answer = { .err = 0 };
	int err = ask(race, 'u', &answer, why);

	return !err && answer.err ? fail_errno(why, answer.err, "munmap in the child") : err;
}

int race_unmap(struct race *race, struct reason *why)
{
	int err = unmap(race->region);

	return err ? fail_errno(why, -err, "munmap") : 0;
}

static int ask_pin(struct race *race, char command, struct reason *why)
{
	struct answer answer = { .err = 0 };
	int err = ask(race, command, &answer, why);

	if (err || !answer.err)
		return err;
	*why = answer.why;
	return -answer.err;
}

int child_pin(struct race *race, struct reason *why)
{
	return ask_pin(race, 'p', why);
}

int child_device_read(struct race *race, struct reason *why)
{
	return ask_pin(race, 'r', why);
}

int child_device_write(struct race *race, struct reason *why)
{
	return ask_pin(race, 'd', why);
}

int child_hand_over(struct race *race, struct reason *why)
{
	struct answer answer = { .err = 0 };
	int err = ask(race, 'g', &answer, why);

	if (err)
		return err;
	if (answer.err)
		return fail_errno(why, answer.err, "fork of the grandchild");
	waitpid(race->child, NULL, 0);
	race->child = answer.pid;
	return 0;
}

int child_exit(struct race *race, struct reason *why)
{
	char command = 'x';

	if (race->child <= 0)
		return 0;
	write_all(race->to_child, &command, 1);
	close_fd(&race->to_child);
	close_fd(&race->from_child);
	if (waitpid(race->child, NULL, 0) < 0)
		return fail_errno(why, errno, "waitpid");
	race->child = 0;
	return 0;
}
