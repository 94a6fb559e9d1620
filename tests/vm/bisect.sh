#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1200
# cores: 1
#
# git bisect run with thpin boot finds the first good kernel, in a repository whose
# commits choose among Debian's kernels instead of building one.

here=${TESTDIR:?}/vm
# shellcheck source=tests/tap.sh
. "$TESTDIR/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

command -v git >/dev/null || skip_all "there is no git"
command -v qemu-system-x86_64 >/dev/null ||
	skip_all "there is no qemu-system-x86_64 (Debian: qemu-system-x86)"
for label in $("$here/kernels" --list); do
	"$here/kernels" "$label" >/dev/null 2>"$TMPDIR/why" ||
		skip_all "Linux $label: $(tail -n 1 "$TMPDIR/why")"
done

export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org

mkdir "$TMPDIR/linux"
cd "$TMPDIR/linux" || bail_out "no $TMPDIR/linux"

# commit TEXT LABEL: a commit whose build is this kernel; "broken" does not boot
commit() {
	echo "$2" >kernel
	echo "$1" >>changes
	git add kernel changes
	git commit -q -m "$1"
}

git init -q -b main
commit "5.10" 5.10
commit "6.1" 6.1
commit "6.1, does not boot" broken
commit "6.1, boots again" 6.1
commit "fuse: take FOLL_PIN" 6.12
commit "6.12, a driver" 6.12
commit "7.3" 7.3

# What would be make and arch/x86/boot/bzImage
cat >"$TMPDIR/test" <<END
#!/bin/bash
label=\$(cat kernel)
if [ "\$label" = broken ]; then
	"$THPIN" boot --cpus 1 --timeout $((400 * ${SLOWER:-1})) --kernel changes "\$@"
else
	paths=\$("$here/kernels" "\$label") || exit 125
	{ read -r kernel && read -r modules; } <<<"\$paths"
	"$THPIN" boot --cpus 1 --timeout $((400 * ${SLOWER:-1})) --kernel "\${kernel%/*}/vmlinuz" --modules "\$modules" "\$@"
fi
status=\$?
echo "\$label: \$status" >>"$TMPDIR/tested"
exit \$status
END
chmod +x "$TMPDIR/test"

# git takes 0 for old and 1 for new; here the old ones have the loss, so that the
# two are exchanged.
cat >"$TMPDIR/turned" <<END
#!/bin/bash
"$TMPDIR/test" "\$@"
status=\$?
case \$status in
0) exit 1 ;;
1) exit 0 ;;
*) exit \$status ;;
esac
END
chmod +x "$TMPDIR/turned"

git bisect start --term-old=lossy --term-new=fixed main main~6 >/dev/null 2>&1 ||
	bail_out "git bisect start"
git bisect run "$TMPDIR/turned" -- repro odirect-read/thp/fork-parent-write \
	>"$TMPDIR/out" 2>"$TMPDIR/err"
is "exit status of git bisect run" $? 0
is "the first commit without the loss" \
	"$(git log -1 --format=%s refs/bisect/fixed)" "fuse: take FOLL_PIN"
like "git says so" "$(cat "$TMPDIR/out")" "is the first fixed commit"
diag "$(cat "$TMPDIR/tested")"
git bisect reset >/dev/null 2>&1

# The other way round nothing has to be turned: 6.1 loses what 5.10 did not.
: >"$TMPDIR/tested"
git bisect start main~3 main~6 >/dev/null 2>&1 || bail_out "git bisect start"
git bisect run "$TMPDIR/test" -- repro odirect-read/thp/fork-child-exit \
	>"$TMPDIR/out" 2>"$TMPDIR/err"
is "a regression: exit status of git bisect run" $? 0
is "a regression: the first bad commit" "$(git log -1 --format=%s refs/bisect/bad)" 6.1
like "a regression: the kernel that does not boot was skipped" "$(cat "$TMPDIR/tested")" 'broken: 125'
diag "$(cat "$TMPDIR/tested")"
git bisect reset >/dev/null 2>&1

done_testing
