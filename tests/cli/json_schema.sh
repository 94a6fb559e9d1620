#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# What --json prints is what the schema says, and the schema is strict enough to
# notice when it is not.

# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"

python3 -c 'import jsonschema' 2>/dev/null ||
	skip_all "python3 has no module jsonschema (Debian: python3-jsonschema)"

schema=$TESTDIR/schema/repro.schema.json
golden=$TESTDIR/unit/golden/repro.json

# validate FILE [STATEMENT]: change the document "d" first
validate() {
	python3 - "$schema" "$@" <<-'END'
	import json, sys, jsonschema
	schema = json.load(open(sys.argv[1]))
	d = json.load(open(sys.argv[2]))
	exec(sys.argv[3] if len(sys.argv) > 3 else "")
	jsonschema.Draft7Validator.check_schema(schema)
	errors = list(jsonschema.Draft7Validator(schema).iter_errors(d))
	for error in errors[:5]:
	    print("/".join(map(str, error.path)) + ": " + error.message[:200])
	sys.exit(bool(errors))
	END
}

# rejects NAME STATEMENT: the golden document is wrong after the change
rejects() {
	if validate "$golden" "$2" >/dev/null 2>&1; then
		not_ok "$1"
	else
		pass "$1"
	fi
}

ok "the golden document is valid" validate "$golden"
ok "the change of a rejected document can be made" \
	validate "$golden" 'd["cases"][0]["ms"] = 1; d["cases"].pop()'
rejects "an unknown key" 'd["summary"]["more"] = 1'
rejects "an unknown key in a case" 'd["cases"][0]["more"] = 1'
rejects "a missing key" 'del d["cases"][0]["evidence"]["vmstat"]'
rejects "a PFN that is a number" 'd["cases"][1]["evidence"]["child_pfn"] = 4711'
rejects "a loss without its kind" 'd["cases"][1]["loss"] = []'
rejects "a skip without its reason" 'd["cases"][2]["reason"] = None'

# Whatever this machine lets it run: also a skipped case is one.
"$THPIN" repro --json 'uring-fixed/base/*-page' 'vmsplice/*/fork-*' >"${TMPDIR:?}/out.json" \
	2>"$TMPDIR/err"
ok "a run on this machine is valid" validate "$TMPDIR/out.json"

done_testing
