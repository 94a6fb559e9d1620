// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "golden.h"
#include "host/host.h"
#include "output/text.h"
#include "output/words.h"

static const struct style narrow = { .width = 20 };

static void test_wrap(void)
{
	struct golden golden;
	struct wrap wrap;

	wrap_begin(&wrap, golden_begin(&golden), &narrow, 1, 3);
	wrap_text(&wrap, "one two three four five ");
	wrap_printf(&wrap, "%s", "six");
	wrap_text(&wrap, "teen");
	wrap_end(&wrap);
	fclose(golden.stream);
	is_str(golden.text, " one two three four\n   five sixteen\n",
	       "words break at the width, and hang");
	free(golden.text);

	wrap_begin(&wrap, golden_begin(&golden), &narrow, 0, 2);
	wrap_text(&wrap, "a ");
	wrap_word(&wrap, "b b b b b b b b");
	wrap_text(&wrap, "   c d-word-that-is-far-too-long-for-a-line e");
	wrap_end(&wrap);
	fclose(golden.stream);
	is_str(golden.text,
	       "a b b b b b b b b\n  c\n  d-word-that-is-far-too-long-for-a-line\n  e\n",
	       "blanks in a word do not break, and no word is cut");
	free(golden.text);

	wrap_begin(&wrap, golden_begin(&golden), &narrow, 0, 0);
	wrap_text(&wrap, "red\033[31m bell\a");
	wrap_end(&wrap);
	fclose(golden.stream);
	is_str(golden.text, "red?[31m bell?\n", "control characters do not reach the terminal");
	free(golden.text);
}

static void test_tone(void)
{
	const struct style color = { .color = true, .width = 10 };
	struct golden golden;
	struct wrap wrap;

	wrap_begin(&wrap, golden_begin(&golden), &color, 0, 1);
	wrap_tone(&wrap, TONE_BAD);
	wrap_text(&wrap, "one two three");
	wrap_end(&wrap);
	fclose(golden.stream);
	is_str(golden.text, "\033[31mone two\033[0m\n \033[31mthree\033[0m\n",
	       "a colour ends with each line, and counts for nothing");
	free(golden.text);
}

static void test_words(void)
{
	struct loss_record loss = { .pages = 4,
				    .ranges_used = 2,
				    .ranges = { { 5, 1 }, { 256, 3 } } };
	struct rule rule = { .from = KERNEL(5, 9), .to = KERNEL(6, 5), .commit = "123456789abc" };
	struct host host = { .kernel = KERNEL(6, 4) | 99 };
	char text[64];

	is_str(ranges_text(&loss, text, sizeof(text)), "pages 5, 256-258", "ranges of pages");
	loss.pages = 5;
	is_str(ranges_text(&loss, text, sizeof(text)), "pages 5, 256-258, ...",
	       "ranges that leave pages out");
	is_str(kernels_text(&rule, text, sizeof(text)), "5.9..6.5", "a range of kernels");
	ok(rule_covers(&rule, &host), "6.4.99 is before 6.5");
	host.kernel = KERNEL(6, 5);
	ok(!rule_covers(&rule, &host), "6.5 is not");
	is_str(rule_commit(&rule), "123456789abc", "a commit that was seen");
	rule.certainty = CERTAIN_RECALLED;
	is_str(rule_commit(&rule), "", "one that was not");
	rule.from = rule.to = 0;
	is_str(kernels_text(&rule, text, sizeof(text)), "all", "all kernels");
}

static void test_color_when(void)
{
	enum color_when when = COLOR_AUTO;

	is_int(color_when_parse("never", &when), 0, "never");
	is_int(when, COLOR_NEVER, "is never");
	is_int(color_when_parse("always", &when), 0, "always");
	is_int(when, COLOR_ALWAYS, "is always");
	is_int(color_when_parse("sometimes", &when), -EINVAL, "sometimes is nothing");
	is_int(when, COLOR_ALWAYS, "and changes nothing");
}

/* The slave of a pseudoterminal of 72 columns. */
static FILE *terminal(void)
{
	struct winsize size = { .ws_row = 24, .ws_col = 72 };
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	int slave;

	if (master < 0 || grantpt(master) || unlockpt(master))
		return NULL;
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (slave < 0 || ioctl(slave, TIOCSWINSZ, &size))
		return NULL;
	return fdopen(slave, "w");
}

static void test_style(void)
{
	FILE *tty = terminal(), *file = tmpfile();
	struct style style;

	memset(&style, 1, sizeof(style));
	style_init(&style, file, COLOR_AUTO);
	ok(!style.color && !style.width, "a file: no colour, no width");
	ok(!style.hard, "and words are left whole, but for a mail");
	style_init(&style, file, COLOR_ALWAYS);
	ok(style.color, "--color=always colours a file");
	fclose(file);
	if (!tty) {
		skip("no pseudoterminal", "colour on a terminal");
		return;
	}
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	style_init(&style, tty, COLOR_AUTO);
	ok(style.color && style.width == 72, "a terminal: colour, and its width");
	setenv("NO_COLOR", "1", 1);
	style_init(&style, tty, COLOR_AUTO);
	ok(!style.color, "NO_COLOR");
	style_init(&style, tty, COLOR_ALWAYS);
	ok(style.color, "--color=always goes before NO_COLOR");
	setenv("NO_COLOR", "", 1);
	style_init(&style, tty, COLOR_AUTO);
	ok(style.color, "an empty NO_COLOR is none");
	setenv("TERM", "dumb", 1);
	style_init(&style, tty, COLOR_AUTO);
	ok(!style.color, "TERM=dumb");
	fclose(tty);
}

static void test_finish(void)
{
	FILE *full = fopen("/dev/full", "w"), *good = tmpfile();
	int ends[2];
	FILE *closed;

	fputs("text", good);
	is_int(output_finish(good), 0, "a file");
	fclose(good);
	fputs("text", full);
	is_int(output_finish(full), -ENOSPC, "a full disk is an error");
	fclose(full);

	signal(SIGPIPE, SIG_IGN);
	if (pipe(ends))
		bail_out("pipe");
	close(ends[0]);
	closed = fdopen(ends[1], "w");
	fputs("text", closed);
	is_int(output_finish(closed), -EPIPE, "a closed pipe is an error");
	fclose(closed);

	/* Enough that it fails before the end: the errno of then is lost. */
	full = fopen("/dev/full", "w");
	for (unsigned i = 0; i < 100000; i++)
		fputs("text", full);
	ok(output_finish(full) < 0, "a disk that was full before the end");
	fclose(full);
}

static void test_progress(void)
{
	struct progress progress;
	int saved = dup(STDERR_FILENO), file = open("/dev/null", O_WRONLY);

	dup2(file, STDERR_FILENO);
	progress_begin(&progress);
	dup2(saved, STDERR_FILENO);
	ok(!progress.active, "no progress but on a terminal");
	close(saved);
	close(file);
}

static void test_progress_line(void)
{
	const uint64_t second = 1000000000;
	char line[80], cut[16];

	is_str(progress_line(0, 40, 0, "VMAs", line, sizeof(line)), "0 of 40  VMAs", "the first");
	is_str(progress_line(3, 40, 9 * second, "VMAs", line, sizeof(line)), "3 of 40  VMAs",
	       "soon it is over, or more is known");
	is_str(progress_line(0, 40, 20 * second, "VMAs", line, sizeof(line)), "0 of 40  VMAs",
	       "nothing is known of the first");
	is_str(progress_line(10, 40, 20 * second, "VMAs", line, sizeof(line)),
	       "10 of 40, about 60 s left  VMAs", "seconds");
	is_str(progress_line(10, 40, 60 * second, "VMAs", line, sizeof(line)),
	       "10 of 40, about 3 min left  VMAs", "minutes");
	is_str(progress_line(5, 1005, 36 * second, "VMAs", line, sizeof(line)),
	       "5 of 1005, about 2 h left  VMAs", "hours");
	is_str(progress_line(40, 40, 36 * second, "VMAs", line, sizeof(line)),
	       "40 of 40, about 0 s left  VMAs", "the last");
	is_str(progress_line(10, 40, 20 * second, "VMAs", cut, sizeof(cut)), "10 of 40, about",
	       "cut");
}

int main(void)
{
	setlocale(LC_ALL, "C");
	test_wrap();
	test_tone();
	test_words();
	test_color_when();
	test_style();
	test_finish();
	test_progress();
	test_progress_line();
	return done_testing();
}
