#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# thpin explain: every rule, and every case that is run by default, is explained
# in numbered events, with its kernels and what to do, and not by the same text.

: "${TESTDIR:=$(cd "$(dirname "$0")/.." && pwd)}"
# shellcheck source=tests/tap.sh
. "$TESTDIR/tap.sh"
: "${THPIN:=$(dirname "$TESTDIR")/thpin}"
export LC_ALL=C

# section NAME: the lines under that heading of the explanation on stdin
section() {
	awk -v name="$1" '/^[^ ]/ { on = $0 == name; next } on && NF'
}

# lacking TEXT: what an explanation lacks
lacking() {
	local part

	for part in Kernels Remedy "How it is known"; do
		[ -n "$(section "$part" <<<"$1")" ] || echo "the part $part"
	done
	section Kernels <<<"$1" | grep -qE '(Linux|before) [2-9]\.[0-9]+|every Linux' ||
		echo "kernels"
	section Remedy <<<"$1" | grep -qE '.{30}' || echo "a remedy in words"
	grep -qE '^  3 (parent|child|device|kernel|page) +[a-z]{2}' <<<"$1" || echo "three events"
	grep -qE '\(null\)|%[sdu]' <<<"$1" && echo "words instead of a format"
	[ "$(wc -l <<<"$1")" -le 60 ] || echo "shortness"
}

rules=$("$THPIN" list rules -nr -o RULE) || bail_out "thpin list rules"
texts=
for rule in $rules; do
	text=$("$THPIN" explain "$rule") || not_ok "explain $rule"
	is "rule $rule lacks nothing" "$(lacking "$text")" ""
	texts+=$(grep -E '^  [1-6] ' <<<"$text" | md5sum)$'\n'
done
is "no two rules tell the same" "$(sort <<<"$texts" | uniq -d)" ""
ok "there are many rules" test "$(wc -w <<<"$rules")" -gt 40

# All cases that are run by default with memory and races that are: one call.
names=$("$THPIN" list cases -nr -o CASE,LEVEL | awk '$2 == "default" { print $1 }')
# shellcheck disable=SC2086 # a list of words
all=$("$THPIN" explain $names) || not_ok "explain all default cases"
is "all default cases are explained" \
	"$(grep -cE '^[a-z0-9-]+/[a-z0-9-]+/[a-z0-9-]+: ' <<<"$all")" "$(wc -w <<<"$names")"
ok "there are many cases" test "$(wc -w <<<"$names")" -gt 100
bad=$(awk '
	function finish() {
		if (name == "")
			return
		if (!kernels) print name ": no kernels"
		if (remedy < 30) print name ": no remedy"
		if (!others) print name ": no other kernels"
		if (!unknown && steps < 3) print name ": no events"
	}
	/^[a-z0-9-]+\/[a-z0-9-]+\/[a-z0-9-]+: / {
		finish()
		name = $1; kernels = remedy = others = steps = 0
		unknown = /nothing is known/
	}
	/^[^ ]/ { part = $0; next }
	part == "Kernels" && /Linux|No rule/ { kernels++ }
	part == "Remedy" { remedy += length($0) }
	part == "The same case on other kernels" && /Linux/ { others++ }
	/^  [1-6] (parent|child|device|kernel|page) / { steps++ }
	END { finish() }' <<<"$all")
is "each names its kernels, its remedy and its events" "$bad" ""

"$THPIN" explain get-fork >"$TMPDIR/out"
ok "a hazard has the remedy of its rule" grep -q MADV_DONTFORK "$TMPDIR/out"
ok "and says that it is one" grep -q 'OUT OF SYNC, a known hazard' "$TMPDIR/out"

"$THPIN" explain wp-refcont >"$TMPDIR/out" 2>"$TMPDIR/err"
is "a typing error is a usage error" $? 129
is "with the nearest name" "$(head -n 1 "$TMPDIR/err")" \
	"thpin: no rule is called 'wp-refcont'; did you mean 'wp-refcount'?"
"$THPIN" explain no/such/case 2>/dev/null
is "so is an unknown case" $? 129
"$THPIN" explain 2>/dev/null
is "and no argument" $? 129
done_testing
