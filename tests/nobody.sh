# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For tests that run thpin without any rights: sourced by bash, not run.

# What a command goes behind to be that of nobody.
drop=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all)

# Skips the whole test where root cannot become nobody, who gets a $THPIN that may be run
# wherever it was built. The copy goes with the shell.
prepare_nobody() {
	local said

	if ! said=$("${drop[@]}" true 2>&1); then
		echo "1..0 # SKIP cannot become nobody: $said"
		exit 0
	fi
	if ! "${drop[@]}" test -x "$THPIN"; then
		copy=$(mktemp -d /tmp/thpin-test.XXXXXX) || exit 1
		trap 'rm -r "$copy"' EXIT
		chmod 755 "$copy"
		cp "$THPIN" "$copy/thpin" || exit 1
		THPIN=$copy/thpin
	fi
}
