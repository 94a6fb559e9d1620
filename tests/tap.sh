# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# Test Anything Protocol for shell scripts, which begin with
#
#	. "${TESTDIR:?}/tap.sh"
#
# and end with done_testing.

tap_run=0
tap_failed=0

# pass NAME, not_ok NAME
pass() {
	tap_run=$((tap_run + 1))
	echo "ok $tap_run - $1"
}

not_ok() {
	tap_run=$((tap_run + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_run - $1"
}

# diag TEXT: more on the point before
diag() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

# ok NAME COMMAND...: it succeeds.  What it says is shown only if it does not.
ok() {
	tap_name=$1
	shift
	if tap_said=$("$@" 2>&1); then
		pass "$tap_name"
	else
		not_ok "$tap_name"
		diag "$* failed:"
		diag "$tap_said"
		return 1
	fi
}

# is NAME GOT WANT: two strings are the same
is() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		not_ok "$1"
		diag " got $2"
		diag "want $3"
		return 1
	fi
}

# like NAME TEXT PATTERN: a line of TEXT matches an extended regular expression
like() {
	if printf '%s\n' "$2" | grep -Eq -e "$3"; then
		pass "$1"
	else
		not_ok "$1"
		diag "no /$3/ in:"
		diag "$2"
		return 1
	fi
}

# skip NAME REASON: instead of the point NAME
skip() {
	tap_run=$((tap_run + 1))
	echo "ok $tap_run - $1 # SKIP $2"
}

# skip_all REASON: instead of all points, before the first
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# bail_out REASON: no further point of this script makes sense
bail_out() {
	echo "Bail out! $1"
	exit 1
}

done_testing() {
	echo "1..$tap_run"
	[ $tap_failed = 0 ]
	exit
}
