#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# What thpin inspect shows, and how: formats, --all, --watch, --fail-on.

# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

"$THPIN" list probes -nr -o NAME,AVAILABLE | grep -qE '^(bpf|kcore) yes' ||
	skip_all "the kernel's memory cannot be read (see: thpin list probes)"

"$THPIN" hold --memory base --size 64K --diverge 2 >"$TMPDIR/held" &
held=$!
trap 'kill $held 2>/dev/null' EXIT
while [ ! -s "$TMPDIR/held" ]; do sleep 0.1; done

inspect() {
	"$THPIN" inspect "$@" 2>&1
}

is "raw: sizes in bytes, no blanks" "$(inspect -nr -o HOLDER,SIZE,PAGES,OUT-OF-SYNC $held)" \
	"io_uring 65536 16 2"
is "pairs" "$(inspect -P -o HOLDER,OUT-OF-SYNC $held)" 'HOLDER="io_uring" OUT-OF-SYNC="2"'
like "all: the process is among them" "$(inspect --all -nr -o TARGET,OUT-OF-SYNC)" "^$held 2\$"
like "a map of the VMA has as many marks" \
	"$(inspect --map $held | grep -c '!')" '^[1-9]'
start=$(sed -n 's/.*"start":"0x\([0-9a-f]*\)".*/\1/p' "$TMPDIR/held")
end=$(sed -n 's/.*"end":"0x\([0-9a-f]*\)".*/\1/p' "$TMPDIR/held")
is "a map of a range: a cell a page" \
	"$(inspect "--map=$start-$end" $held | sed -n '/^Map, one cell per 4 KiB/{n;s/.* //p}')" \
	'PPPP!PPPPPPP!PPP'
like "... in colour" "$(inspect "--map=$start-$end" --color=always $held | cat -v)" \
	'\^\[\[1;31m!\^\[\[0m'
# Heap, stack and libraries of 64 bits begin where only 9 digits or more reach.
# Offsets and sizes of what AddressSanitizer reserves are as long.
addresses() {
	sed 's/#[0-9]*[+-][0-9a-f]*//g; /"bytes": [0-9]*,$/d' | grep -E '[0-9a-f]{9}'
}
is "no address, neither of cells nor of ends" \
	"$(inspect --map -o +END,FIRST-BAD $held | addresses)$(inspect --json $held | addresses)" ""
like "... but with --full" "$(inspect --full --map -o +END $held)" " $end\$"
like "... both" "$(inspect --full --map $held)" '^  [0-9a-f]{9,} '
like "columns in lower case, added" "$(inspect -o +first-bad $held)" 'FIRST-BAD'

# A pipe holds 256 pages at most, so there are three.
"$THPIN" hold --pin vmsplice --memory base --size 3M -- inspect {} 2>&1 |
	tail -n +2 >"$TMPDIR/three"
is "three holders" "$(grep -c '^pipe .* get-forkable' "$TMPDIR/three")" 3
is "... and what to do once" "$(grep -c '^get-forkable:' "$TMPDIR/three")" 1
like "... with all their pages" "$(tr -s '\n ' ' ' <"$TMPDIR/three")" \
	'\(768 pages, at 3 places, from anon#1\+0\)'

inspect $held >/dev/null
is "a hazard is status 1" $? 1
inspect --fail-on=diverged $held >/dev/null
is "diverged is status 1" $? 1
inspect --fail-on=diverged $$ >/dev/null
is "what is in sync is not" $? 0
inspect --fail-on=held $$ >/dev/null
is "nothing held is status 0" $? 0

timeout 20 "$THPIN" inspect --watch 1 -o HOLDER,PAGES $held >"$TMPDIR/watched" 2>&1 &
watcher=$!
sleep 3
kill $held
wait $watcher
is "watch ends with the process" $? 125
like "... after a first look" "$(cat "$TMPDIR/watched")" 'io_uring'

# seen PATTERN: how many lines of what is watched are so, once there is one
seen() {
	for _ in $(seq 200); do
		! grep -qE "$1" "$TMPDIR/watched" || break
		sleep 0.1
	done
	grep -cE "$1" "$TMPDIR/watched"
}
# A process that has a page go into a pipe, and out of it, and ends, a line of fd 7 each
mkfifo "$TMPDIR/words"
splicer() {
	python3 -B -c '
import ctypes, mmap, os
page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
page[0] = 1
at = ctypes.addressof(ctypes.c_char.from_buffer(page))
ends, vector = os.pipe(), (ctypes.c_uint64 * 2)(at, 4096)
words = open(os.environ["TMPDIR"] + "/words", encoding="ascii")
words.readline()
ctypes.CDLL(None).vmsplice(ends[1], ctypes.byref(vector), 1, 0)
words.readline()
os.read(ends[0], 4096)
words.readline()' &
	held=$!
	exec 7>"$TMPDIR/words"
}
splicer
timeout 60 "$THPIN" inspect --watch 1 -o HOLDER,PAGES $held >"$TMPDIR/watched" 2>&1 7>&- &
watcher=$!
is "watch: nothing at first" "$(seen 'Nothing was found that pins')" 1
echo splice >&7
is "... what has come" "$(seen '^\+ pipe 1$')" 1
echo read >&7
is "... and gone" "$(seen '^- pipe 1$')" 1
exec 7>&-
wait $watcher
is "... nothing else" "$(grep -c '^[-+]' "$TMPDIR/watched")" 2

# Beside another process, which keeps what it has; of the rows of --all only that one's.
"$THPIN" hold --memory base --size 64K --diverge 2 >"$TMPDIR/held" &
other=$!
trap 'kill $held $other 2>/dev/null' EXIT
while [ ! -s "$TMPDIR/held" ]; do sleep 0.1; done
for which in several all; do
	splicer
	targets=--all
	[ $which = all ] || targets="$held $other"
	# shellcheck disable=SC2086 # words
	timeout 60 "$THPIN" inspect --watch 1 -o HOLDER,PAGES $targets >"$TMPDIR/watched" 2>&1 7>&- &
	watcher=$!
	is "watch of $which: what is held at first" "$(seen "^ *$other io_uring +16$")" 1
	echo splice >&7
	is "... what has come, and whose it is" "$(seen "^\+ $held pipe 1$")" 1
	echo read >&7
	is "... and gone" "$(seen "^- $held pipe 1$")" 1
	is "... nothing of the other" "$(grep -c "^[-+] $other " "$TMPDIR/watched")" 0
	exec 7>&-
	if [ $which = several ]; then
		is "... one ends: that is said" "$(seen "process $held")" 1
		kill -0 $watcher
		is "... and the other is watched" $? 0
		kill $other
		wait $watcher
		is "... until it ends, too" "$? $(tail -n 2 "$TMPDIR/watched" | sort | head -n 1)" \
			"125 - $other io_uring 16"
		"$THPIN" hold --memory base --size 64K --diverge 2 >"$TMPDIR/held" &
		other=$!
		sleep 1
	else
		kill $watcher
		wait $watcher 2>/dev/null
	fi
done

is "several: a table of all, each once" \
	"$(inspect -nr -o TARGET,HOLDER,OUT-OF-SYNC $other $$ $other $$)" "$other io_uring 2"
like "... with the process by default" "$(inspect $other $$ | tr '\n' ' ')" \
	"^TARGET TARGET-COMM HOLDER .* $other thpin "
like "... and with columns added" "$(inspect -o +END $other $$)" '^TARGET TARGET-COMM HOLDER .*END'
like "... of VMAs as well" "$(inspect --vmas -nr $other $$ | tail -n 1)" "^$$ inspect_options "
is "... as an array" "$(inspect --json $other $$ |
	python3 -c 'import json, sys; print(*[one["target"]["pid"] for one in json.load(sys.stdin)])')" \
	"$other $$"
gone=$(inspect -nr -o OUT-OF-SYNC 4194303 $other)
is "several, one of them no process: 1 for what is found" $? 1
is "... which is shown, and the other is said" "$gone" "thpin: there is no process 4194303
2"
inspect 4194303 $$ >/dev/null
is "... 125 when nothing is" $? 125
kill $other

like "without kernel memory: what is not looked for" "$(inspect --probe proc $$)" \
	'^Not found here is what is held by io_uring-ring, af_xdp, pipe, vfio, udmabuf: needs'

# A PID namespace of its own: a shell and what it waits for have nothing pinned.
if said=$(unshare --pid --mount-proc --fork true 2>&1); then
	# shellcheck disable=SC2016 # of the other shell
	said=$(unshare --pid --mount-proc --fork sh -c '
		sleep 60 & "$THPIN" inspect --all --probe proc; echo $?; "$THPIN" inspect --all -nr; kill $!' 2>&1)
	is "--all where nobody has anything pinned, and as raw rows" "$said" \
		"Nothing was found that pins memory of the 2 processes looked at.
Most of what can hold it needs kernel memory to be found (see: thpin list probes).
0"
else
	skip "--all where nobody has anything pinned" "$said"
fi

# A process that /proc does not show is not one that there is not.
# shellcheck disable=SC2016 # of the other shell
if ! said=$(unshare --mount sh -c 'mount -t proc -o hidepid=2 proc /proc &&
	setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$THPIN"' 2>&1); then
	skip "a process that is hidden" "no mount with hidepid, or no $THPIN for nobody: $said"
else
	# shellcheck disable=SC2016 # of the other shell
	like "a process that is hidden" "$(unshare --mount sh -c '
		mount -t proc -o hidepid=2 proc /proc
		setpriv --reuid=65534 --regid=65534 --clear-groups "$THPIN" inspect $$' 2>&1)" \
		'^thpin: process [0-9]+ is hidden .hidepid'
	# shellcheck disable=SC2016 # of the other shell
	is "--all, where others are hidden" "$(unshare --mount sh -c '
		mount -t proc -o hidepid=2 proc /proc
		setpriv --reuid=65534 --regid=65534 --clear-groups "$THPIN" inspect --all 2>&1 >/dev/null
		echo $?')" 'thpin: processes of other users are hidden (hidepid of proc(5)): run as root
125'
fi

for bad in "--map=x" "--map=#" "--map=20-10" "--fail-on=x" "--probe=x" "-o NOPE" "--watch 0" \
	"--all 1" "--all --map" "--map 2" "--watch 1 --json"; do
	# shellcheck disable=SC2086 # words
	inspect $bad 1 >"$TMPDIR/said" 2>&1
	is "$bad: usage" $? 129
	like "$bad: a hint" "$(cat "$TMPDIR/said")" "Try 'thpin inspect --help'"
done
done_testing
