#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# A command line that is wrong: 129, one line that says why, and a hint.
# Nothing here needs rights: the cases are of base pages and vmsplice(2), which
# are on every kernel.

set -u
export LC_ALL=C
# shellcheck source=tests/said.sh
. "${TESTDIR:?}/said.sh"

# usage PATTERN ARGUMENT...: 129, nothing on stdout, one line and a hint on stderr
usage() {
	local pattern=$1 name hint

	shift
	name="thpin $*"
	thpin "$@"
	hint="Try 'thpin${1:+ $1} --help'."
	case ${1-} in
	repro | list | boot | completion) ;;
	*) hint="Try 'thpin --help'." ;;
	esac
	if [ $status = 129 ] && [ -z "$out" ] && [ "$(wc -l <err)" = 2 ] &&
		[ "$(tail -n 1 err)" = "$hint" ] && head -n 1 err | grep -Eq "^thpin: $pattern"; then
		pass "$name"
	else
		not_ok "$name"
		diag "exit status $status, $(wc -c <out) bytes on stdout, not: $pattern; stderr:"
		diag "$err"
	fi
}

# suggests NAME ARGUMENT...: and the line asks for NAME
suggests() {
	local wanted=$1

	shift
	usage ".*did you mean '?(--)?$wanted'?\?" "$@"
}

suggests repro rerpo
suggests list lits
suggests uring-fixed repro --pin urng-fixed
suggests vmsplice repro --pin odirect-read,vmspliec
suggests fork-parent-write repro --race fork-parent-wrote
suggests thp-pte repro --memory thp-pe
suggests vmsplice repro vmspliec/thp/none
suggests base repro vmsplice/bsae/none
suggests dontneed-page repro vmsplice/thp/dontneed-pag
suggests json repro --jsno
suggests VERDICT repro -o VERDICTS
suggests REASON repro -o +RAESON
suggests noheadings list --noheading5 pins
suggests pins list pinz
suggests NAME list pins -o NAMES

usage ".*'zzzzzz'" zzzzzz
usage ".*'zzzzzz'" repro --pin zzzzzz
usage ".*'zzzzzz'" repro --memory zzzzzz
usage ".*'zzzzzz'" repro --race none,zzzzzz
usage ".*'zzz/thp/none'|.*'zzz'" repro zzz/thp/none
usage '.*zzzzzz' repro --zzzzzz
usage '.*"zzzzzz"' repro -o CASE,zzzzzz
usage '.*zzzzzz' list zzzzzz
usage '.*-z' repro -z
usage '.*bash' completion zsh
usage '.*bash' completion
usage '.*pins, memory, races, cases' list
usage '.*pins, memory, races, cases' list pins races

usage ".*'zz\\*'" repro 'zz*'
usage ".*'vmsplice/\\*/zz\\*'|.*'zz\\*'" repro 'vmsplice/*/zz*'
usage ".*'vmsplice/\\*'" repro 'vmsplice/*'
usage ".*'vmsplice/base/split-\\*'" repro 'vmsplice/base/split-*' # split needs a PMD
usage '.*' repro a/b/c/d
usage '.*no case' repro --memory base vmsplice/thp/none

usage '.*' ''
usage ".*''" repro ''
usage ".*''" repro --pin ''
usage ".*''" repro --memory ,
usage ".*''" repro --race none,
usage '.*""' repro -o ''
usage '.*""' repro -o +
usage '.*--size' repro --size ''
usage '.*--repeat' repro --repeat ''
usage '.*--color' repro --color=
usage '.*--counters' repro --counters=

usage '.*--pin' repro --pin
usage '.*-o' repro -o
usage '.*--json' repro --json=1
usage 'bad or incomplete option -x' repro --all -xJ
usage '.*-o' repro --all -Jo
usage '.*--json takes no argument' repro --all --json=1
usage 'a guest has no kernel that boot could boot' boot --kernel x -- boot repro
for size in x -1 0 4095 4097 1.5M 2MM 2T 99999999999999999999 17179869184G 16777216G; do
	usage '--size' repro --size $size "$sync"
done
for number in x -1 1e3 0x10 ' 5' 99999999999999999999 4294967296; do
	usage '--repeat' repro --repeat "$number" "$sync"
	usage '--seed' repro --seed "$number" "$sync"
	usage '--timeout' repro --timeout "$number" "$sync"
	usage '--node' repro --node "$number" "$sync"
done
usage '--repeat' repro --repeat 0 "$sync"
usage '--timeout' repro --timeout 0 "$sync"
usage '--node.*99' repro --node 99 "$sync"
usage '--node.*99' repro --node 0,99 "$sync"
for nodes in '' ',' '0,' 0- 1-0 0,,0; do
	usage '--node.*no list' repro --node "$nodes" "$sync"
done
usage '--file.*No such file' repro --file nothing odirect-file/base/none
usage '--file.*neither' repro --file . odirect-file/base/none
usage '--file.*odirect-file' repro --file "$THPIN" "$sync"
for option in --trials --seconds --threads; do
	usage "$option" repro $option 0 "$sync"
	usage "$option" repro $option x "$sync"
done
usage '--color.*auto, always' repro --color blue "$sync"
usage '--fail-on.*unexpected' repro --fail-on zzz "$sync"
usage '--exit.*ktap' repro --exit zzz "$sync"
if "$THPIN" --version | grep -q 'without libpfm'; then
	skip "unknown counters" "built without libpfm"
else
	usage '--counters.*zzz' repro --counters=zzz "$sync"
	usage '--counters.*zzz' repro --counters=perf::page-faults,zzz "$sync"
	usage '--counters.*8' repro --counters=a,b,c,d,e,f,g,h,i "$sync"
fi

done_testing
