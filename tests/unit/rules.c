// SPDX-License-Identifier: GPL-2.0-or-later
/* The catalogue of rules: each says all that "thpin explain" shows of it. */
#include <string.h>

#include "case/expectation.h"
#include "tap.h"

/* The first thing that a rule lacks, NULL when it is whole. */
static const char *lacks(const struct rule *rule)
{
	if (!rule->id || strlen(rule->id) < 3)
		return "a name";
	if (!rule->classes || rule->classes >> PIN_CLASS_COUNT || !rule->access)
		return "pins";
	if (rule->to && rule->from >= rule->to)
		return "a kernel that it covers";
	if (!rule->title || !*rule->title)
		return "a title";
	if (strlen(rule->mechanism) < 30)
		return "a mechanism";
	if (rule_expects_loss(rule) != (strlen(rule->remedy) >= 20))
		return rule_expects_loss(rule) ? "a remedy" : "a loss that its remedy is for";
	if (rule->references && strlen(rule->references) < 8)
		return "references that say something";
	if (strspn(rule->commit, "0123456789abcdef ") != strlen(rule->commit))
		return "a commit that is one";
	return NULL;
}

/* Three events and more, each with a text of its own, nothing after the last. */
static const char *lacks_steps(const struct rule *rule)
{
	unsigned steps = 0, actors = 0;

	while (steps < RULE_STEPS && rule->steps[steps].text) {
		const char *text = rule->steps[steps].text;

		if (strlen(text) < 5 || text[strlen(text) - 1] == '.')
			return "an event in words";
		for (unsigned i = 0; i < steps; i++)
			if (!strcmp(rule->steps[i].text, text))
				return "different events";
		actors |= 1u << rule->steps[steps++].actor;
	}
	for (unsigned i = steps; i < RULE_STEPS; i++)
		if (rule->steps[i].text)
			return "events without a gap";
	if (steps < 3)
		return "three events";
	return actors & (actors - 1) ? NULL : "a second actor";
}

/* All texts of one rule are its own: none was copied from another. */
static const struct rule *twin(size_t index)
{
	const struct rule *rule = rule_at(index), *other;

	for (size_t i = 0; i < index; i++) {
		bool same = true;

		other = rule_at(i);
		if (!strcmp(rule->id, other->id) || !strcmp(rule->mechanism, other->mechanism))
			return other;
		for (unsigned step = 0; step < RULE_STEPS; step++) {
			const char *a = rule->steps[step].text, *b = other->steps[step].text;

			same &= !a == !b && (!a || !strcmp(a, b));
		}
		if (same)
			return other;
	}
	return NULL;
}

/* What the rules say of fork() and a write, of memory that is held so. */
static const char *forked(enum pin_class class, const char *pin, const char *memory,
			  unsigned kernel)
{
	const struct rule_query query = {
		class, RULE_WRITE_PIN, pin, memory, "fork-parent-write", kernel,
	};
	const struct rule *rule = rule_find(&query);

	return rule ? rule->id : "none";
}

static void found(void)
{
	is_str(forked(PIN_CLASS_LONGTERM, "uring-fixed", "base", KERNEL(5, 8)), "pin-fork-old",
	       "5.8 does not respect pins");
	is_str(forked(PIN_CLASS_LONGTERM, "uring-fixed", "base", KERNEL(5, 10)), "pin-fork",
	       "5.10 does");
	is_str(forked(PIN_CLASS_LONGTERM, "uring-fixed", "hugetlb", KERNEL(5, 10)),
	       "hugetlb-fork-old", "... but of hugetlb");
	is_str(forked(PIN_CLASS_LONGTERM, "uring-fixed", "hugetlb", KERNEL(5, 12)), "pin-fork",
	       "5.12 does of hugetlb, too");
	is_str(forked(PIN_CLASS_GET, "", "base", KERNEL(7, 3)), "get-fork",
	       "no kernel respects FOLL_GET, of a pin that has no name");
	is_str(forked(PIN_CLASS_PIN, "", "base", KERNEL(6, 12)), "pin-fork",
	       "FOLL_PIN without one");
}

int main(void)
{
	const struct rule *rule;
	size_t count = 0;

	for (; (rule = rule_at(count)); count++) {
		const char *missing = lacks(rule), *steps = lacks_steps(rule);
		const struct rule *other = twin(count);

		ok(!missing, "%s is whole%s%s", rule->id, missing ? ", but lacks " : "",
		   missing ? missing : "");
		ok(!steps, "%s has its events%s%s", rule->id, steps ? ", but lacks " : "",
		   steps ? steps : "");
		ok(!other, "%s says something of its own%s%s", rule->id,
		   other ? ", not that of " : "", other ? other->id : "");
		ok(rule_named(rule->id) == rule, "%s is found by its name", rule->id);
	}
	ok(count > 40, "there are many rules");
	ok(!rule_at(count + 1000), "and an end");
	ok(!rule_named("no-such-rule"), "no rule of another name");
	found();
	return done_testing();
}
