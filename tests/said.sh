# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For tests of what thpin writes: with tap.sh, and in $TMPDIR.

# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
cd "${TMPDIR:?}" || bail_out "cd $TMPDIR"
unset NO_COLOR THPIN_COLOR

# Of base pages and vmsplice(2), which are on every kernel and need no rights
# shellcheck disable=SC2034 # for who sources this
{
	sync=vmsplice/base/none              # in sync on every kernel
	sync2=vmsplice/base/fork-dontfork    # likewise
	loss=vmsplice/base/fork-parent-write # a hazard on every kernel
	control=vmsplice/base/dontneed-page  # by design
	skipped=(--size 64K vmsplice/thp/none) # no size for a THP
}

# thpin ARGUMENT...: sets out, err and status
thpin() {
	"${THPIN:?}" "$@" >out 2>err
	status=$?
	# shellcheck disable=SC2034 # for who sources this
	out=$(<out)
	err=$(<err)
}

# exits NAME STATUS ARGUMENT...
exits() {
	local name=$1 wanted=$2

	shift 2
	thpin "$@"
	is "$name: exit status" $status "$wanted" || diag "$err"
}

# json EXPRESSION [ARGUMENT...]: what python makes of "r", the object in the file
# out, and "c", its cases by name
json() {
	# shellcheck disable=SC2016
	python3 -B -c '
import json, sys
try:
    r = json.load(open("out"))
    c = {case["case"]: case for case in r["cases"]}
    print(eval(sys.argv[1]))
except Exception as error:
    print(type(error).__name__, error)' "$@"
}

# json_is NAME EXPRESSION WANTED
json_is() {
	is "$1" "$(json "$2")" "$3"
}

# python NAME CODE: it exits with 0
python() {
	ok "$1" python3 -B -c "$2"
}
