/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_CASE_EXPECTATION_H
#define THPIN_CASE_EXPECTATION_H

#include <stdbool.h>
#include <stddef.h>

#include "case/outcome.h"
#include "host/host.h"

/* What this kernel is known to do; never part of a verdict. */
enum expectation {
	EXPECT_PROMISED,  /* in sync; a loss is a kernel bug */
	EXPECT_HAZARD,    /* out of sync is documented or known for this kernel */
	EXPECT_BY_DESIGN, /* out of sync is what the caller asked for: the control */
	EXPECT_UNKNOWN,   /* no rule */
	EXPECT_COUNT,
};

/* How a rule is known. */
enum certainty {
	CERTAIN_MEASURED, /* seen on a kernel of the range, by bytes */
	CERTAIN_SOURCE,   /* read in a kernel source of the range */
	CERTAIN_LISTS,    /* read in mailing-list or stable archives */
	CERTAIN_RECALLED, /* not checked: the commit is not printed */
};

/* Pins that take FOLL_WRITE break COW when taken; read-only pins may not. */
#define RULE_WRITE_PIN 1u
#define RULE_READ_PIN 2u
#define RULE_ANY_PIN (RULE_WRITE_PIN | RULE_READ_PIN)

/* One event of the sequence in which bytes are lost, or are not. */
struct rule_step {
	enum actor actor;
	const char *text; /* what it does, the actor being the subject */
};

#define RULE_STEPS 6

/*
 * One rule: for pins of these classes, this memory and these races, kernels
 * from..to (to not included) are expected to behave so. The first rule of the
 * table that fits a case is its expectation.
 */
struct rule {
	const char *id;
	unsigned classes;   /* bit per enum pin_class */
	unsigned access;    /* RULE_WRITE_PIN | RULE_READ_PIN */
	const char *pins;   /* blank-separated globs, NULL: all */
	const char *memory; /* likewise */
	const char *races;  /* likewise */
	unsigned from, to;  /* KERNEL(); 0: no bound */
	enum expectation expectation;
	enum certainty certainty;
	const char *commit;                 /* "6c287605fd56", several blank-separated, or "" */
	const char *title;                  /* of the first commit, or of the document */
	const char *mechanism;              /* one sentence */
	struct rule_step steps[RULE_STEPS]; /* up to one without a text */
	const char *references;             /* more to read, or NULL */
	const char *remedy;                 /* one sentence, "" when there is nothing to do */
};

struct case_id;

/* A file of rules. */
struct rule_list {
	const struct rule *rules;
	size_t count;
};

/* The rules in the order in which they are tried; NULL past the last. */
const struct rule *rule_at(size_t index);

/* The rule of that name, NULL when there is none. */
const struct rule *rule_named(const char *id);

/* What the first rule is wanted of. */
struct rule_query {
	enum pin_class class;
	unsigned access; /* RULE_WRITE_PIN or RULE_READ_PIN */
	const char *pin, *memory, *race;
	unsigned kernel; /* KERNEL() */
};

/* NULL when there is none. */
const struct rule *rule_find(const struct rule_query *query);

/* The rule for a case on this kernel, NULL when there is none. */
const struct rule *rule_for(const struct case_id *id, const struct host *host);

/* True when the rule says that bytes are to be lost. */
bool rule_expects_loss(const struct rule *rule);

const char *expectation_name(enum expectation expectation); /* "by-design" */
const char *certainty_name(enum certainty certainty);

#endif
