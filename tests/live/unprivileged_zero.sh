#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# That memory is the zero page needs a proof that no right is needed for: who cannot see
# page frames gets the verdict that root gets, and a skip where this kernel maps other
# pages for a read.

set -u
export LC_ALL=C
# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"
# shellcheck source=tests/nobody.sh
. "$TESTDIR/nobody.sh"

[ "$(id -u)" = 0 ] || skip_all "only root sees page frames and becomes nobody"
prepare_nobody

# verdict MEMORY [COMMAND...]: by thpin started through COMMAND
verdict() {
	local memory=$1

	shift
	"$@" "$THPIN" repro --no-control --list -nr -o VERDICT,REASON "vmsplice/$memory/none" |
		sed 's/\\x20/ /g'
}

for memory in zero zero-thp; do
	root=$(verdict $memory)
	nobody=$(verdict $memory "${drop[@]}")
	case $nobody in
	*"the huge zero page is off"*) skip "$memory: as root has it" "${nobody#skipped }" ;;
	*) is "$memory: as root has it" "$nobody" "$root" ;;
	esac
done
done_testing
