#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# What is documented is there, and what is there is documented: the manual
# pages, README, --help and the completion say the same.

: "${TESTDIR:=$(cd "$(dirname "$0")/.." && pwd)}"
# shellcheck source=tests/tap.sh
. "$TESTDIR/tap.sh"

top=$(dirname "$TESTDIR")
: "${THPIN:=$top/thpin}"
man=$top/man

# thpin ARG...: a failure must not look like an empty list
thpin() {
	"$THPIN" "$@" || bail_out "thpin $* exited with status $?"
}

# section FILE NAME [SUBSECTION]: its source, with plain hyphens
section() {
	sed 's/\\-/-/g; s/\\f[BIPR]//g' "$1" | awk -v name="$2" -v sub_name="${3-}" '
		/^\.SH / { on = $0 == ".SH " name; under = ""; next }
		/^\.SS / { under = substr($0, 5); next }
		on && (sub_name == "" || under == sub_name)'
}

# tags: the first line of each tagged paragraph of stdin, without the macro
tags() {
	awk '
		/^\.T[PQ]/ { wanted = 1; next }
		wanted { sub(/^\.[A-Z]+ /, ""); print; wanted = 0 }'
}

# words: the first word of each line of stdin, sorted
words() {
	awk '{ print $1 }' | sort
}

# --- subcommands and their options -------------------------------------------

# options_of: all that looks like an option in the lines of stdin, sorted
options_of() {
	grep -oE -e '(^|[ ",])--?[A-Za-z][a-z-]*' | tr -d ' ",' | sort
}

# help_options ARG...: the options of thpin ARG... --help
help_options() {
	thpin "$@" --help | grep -E '^ +(-[A-Za-z], )?--[a-z]' | sed 's/  *[a-zA-Z0-9'\''].*//' |
		options_of
}

subcommands=$(thpin --help | awk '/^Subcommands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }')
is "thpin(1) has every subcommand" \
	"$(section "$man/thpin.1" SUBCOMMANDS | tags | words)" "$(sort <<<"$subcommands")"
is "thpin(1) has every option" \
	"$(section "$man/thpin.1" OPTIONS | tags | options_of)" \
	"$(thpin --help | grep -E '^  -' | sed 's/   *[a-z].*//' | options_of)"

for name in $subcommands; do
	page=$man/thpin-$name.1

	ok "README has thpin $name" grep -q "thpin $name" "$top/README"
	if [ ! -f "$page" ]; then
		not_ok "thpin-$name(1) exists"
		continue
	fi
	is "thpin-$name(1) has the options of --help, and no other" \
		"$(section "$page" OPTIONS | tags | options_of)" "$(help_options "$name")"
done

# --- pins, memory, races, rules ----------------------------------------------

is "thpin(7) has every pin" \
	"$(section "$man/thpin.7" PINS | tags | words)" "$(thpin list pins -nr -o NAME | sort)"
is "thpin(7) has every memory kind" \
	"$(section "$man/thpin.7" "MEMORY KINDS" | tags | words)" \
	"$(thpin list memory -nr -o NAME | sort)"
is "thpin(7) has every race" \
	"$(section "$man/thpin.7" RACES | tags | words)" "$(thpin list races -nr -o NAME | sort)"

missing=
for rule in $(thpin list rules -nr -o RULE,EXPECTATION | awk '$2 != "promised" { print $1 }'); do
	section "$man/thpin.7" "HAZARDS AND REMEDIES" | grep -qxE "\.BR? $rule( .*)?" ||
		missing="$missing $rule"
done
is "thpin(7) has a remedy for every rule that expects a loss" "$missing" ""

# --- columns and JSON --------------------------------------------------------

is "thpin-repro(1) has every column" \
	"$(section "$man/thpin-repro.1" "OUTPUT COLUMNS" | tags | words)" \
	"$(thpin repro --list-columns | words)"
for list in pins memory races cases rules probes; do
	is "thpin-list(1) has every column of $list" \
		"$(section "$man/thpin-list.1" "OUTPUT COLUMNS" "$list" | tags | words)" \
		"$(thpin list $list --list-columns | words)"
	is "thpin-list(1) marks the default columns of $list" \
		"$(section "$man/thpin-list.1" "OUTPUT COLUMNS" "$list" | tags |
			sed -n 's/ \*$//p' | sort)" \
		"$(thpin list $list -r | sed -n 1p | tr ' ' '\n' | sort)"
done

for list in holders vmas; do
	option=$([ $list = vmas ] && echo --vmas)
	is "thpin-inspect(1) has every column of $list" \
		"$(section "$man/thpin-inspect.1" "OUTPUT COLUMNS" "$list" | tags | words)" \
		"$(thpin inspect ${option:+"$option"} --list-columns | words)"
done

is "thpin(7) explains every hazard of thpin-inspect(1)" \
	"$(section "$man/thpin.7" "HAZARDS AND REMEDIES" "Warnings of thpin inspect" | tags | words)" \
	"$(section "$man/thpin-inspect.1" HAZARDS | tags | words)"

json=$("$THPIN" repro -J vmsplice/base/fork-parent-write)
documented=$(section "$man/thpin-repro.1" JSON | grep '^\.B' | tr -c 'a-z_\n' '\n' | sort -u)
is "thpin-repro(1) has every field of the JSON" \
	"$(comm -13 <(echo "$documented") \
		<(grep -oE '"[a-z_]+":' <<<"$json" | tr -d '":' | sort -u))" ""

# --- the pages and README themselves -----------------------------------------

for page in "$man"/*; do
	name=$(basename "$page")
	is "$name begins with its license" "$(head -n 1 "$page")" \
		'.\" SPDX-License-Identifier: GPL-2.0-or-later'
	if command -v mandoc >/dev/null; then
		ok "$name has no fault" mandoc -Tlint -W warning "$page"
	else
		skip "$name has no fault" "mandoc is not installed"
	fi
done

is "README begins with make repro and make check" \
	"$(sed -nE 's/^(    |\t)(.*)/\2/p' "$top/README" | sed 's/  *#.*//' | head -n 2)" \
	"make repro
make check"

# --- completion --------------------------------------------------------------

thpin completion bash >"${TMPDIR:=/tmp}/thpin.bash"
ok "the completion in the tree is up to date (make completion)" \
	cmp -s completion/thpin.bash "$TMPDIR/thpin.bash"
ok "the completion is bash" bash -n "$TMPDIR/thpin.bash"
if command -v shellcheck >/dev/null; then
	ok "the completion has no fault" shellcheck "$TMPDIR/thpin.bash"
else
	skip "the completion has no fault" "shellcheck is not installed"
fi

# offers WORD...: what bash would offer for the last one
offers() {
	# shellcheck disable=SC2016 # the other bash expands these
	bash -c '. "$0" && COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) && _thpin &&
		printf "%s\n" "${COMPREPLY[@]}"' "$TMPDIR/thpin.bash" "$THPIN" "$@" | sort
}

is "completes subcommands" "$(offers '' | grep -v '^-')" "$(sort <<<"$subcommands")"
for name in $subcommands; do
	is "completes the options of $name" "$(offers "$name" --)" \
		"$(help_options "$name" | grep -e '^--')"
done
is "completes cases" "$(offers repro '')" "$(thpin list cases -nr -o CASE | sort)"
is "completes a part of a case" "$(offers repro vmsplice/base/fork-c)" \
	"vmsplice/base/fork-child-exit
vmsplice/base/fork-child-write
vmsplice/base/fork-child-writes-only"
is "completes pins" "$(offers repro --pin '')" "$(thpin list pins -nr -o NAME | sort)"
is "completes the last of a list" "$(offers repro --race none,coll)" "none,collapse"
is "completes after an equal sign" "$(offers repro --fail-on = un)" "unexpected"
is "completes columns" "$(offers repro -o '')" "$(thpin repro --list-columns | words)"
is "completes columns to be added" "$(offers repro --output +CA)" "+CASE"
is "completes the columns of a list" "$(offers list rules -o '')" \
	"$(thpin list rules --list-columns | words)"
is "completes the subcommand to boot with" "$(offers boot --kernel bzImage -- repr)" "repro"
is "completes what to run while something is held" \
	"$(offers hold --pin rdma -- inspect {} -- inspect --fail-on = di)" "diverged"
is "completes the columns of inspect" "$(offers inspect -o HOLDER,CL)" "HOLDER,CLASS"
touch "$TMPDIR/run.json"
is "completes files to explain" "$(offers explain "$TMPDIR/run")" "$TMPDIR/run.json"
rm "$TMPDIR/run.json"
is "completes the names of lists" "$(offers list '' | xargs)" "cases memory pins probes races rules"
ln -s "$THPIN" "$TMPDIR/thpin-at-home"
# shellcheck disable=SC2088 # as it stands on a command line
is "asks the thpin of a home directory" \
	"$(HOME=$TMPDIR THPIN='~/thpin-at-home' offers repro --race non)" "none"

rm "$TMPDIR/thpin.bash" "$TMPDIR/thpin-at-home"
done_testing
