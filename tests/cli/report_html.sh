#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# thpin report --format html: one file that needs no other, is valid, has a picture
# with a text for each loss, and lets no text from outside become markup; a browser,
# where there is one, shows it at two widths and in both colour schemes.

: "${TESTDIR:=$(cd "$(dirname "$0")/.." && pwd)}"
# shellcheck source=tests/tap.sh
. "$TESTDIR/tap.sh"
: "${THPIN:=$(dirname "$TESTDIR")/thpin}"
: "${TMPDIR:=/tmp}"
export LC_ALL=C PYTHONDONTWRITEBYTECODE=1
recorded=$TESTDIR/cli/data/lost-6.1.json
golden=$TESTDIR/cli/data/lost-6.1.html

# html FILE: the report of that run, in $TMPDIR/report.html
html() {
	"$THPIN" report --from "$1" --format html >"$TMPDIR/report.html"
}

# good NAME RUN: $TMPDIR/report.html is as it must be
good() {
	is "$1: nothing is wrong" \
		"$(python3 "$TESTDIR/cli/html_check.py" "$TMPDIR/report.html" "$2" 2>&1)" ""
	ok "$1: below 200 KiB" test "$(wc -c <"$TMPDIR/report.html")" -lt 204800
	if command -v tidy >/dev/null; then
		is "$1: tidy finds nothing" "$(tidy -q -e "$TMPDIR/report.html" 2>&1)" ""
	else
		skip "$1: tidy finds nothing" "there is no tidy (Debian: tidy)"
	fi
}

html "$recorded"
is "exit status of the loss" $? 1
[ "${THPIN_REGOLD:-}" ] && cp "$TMPDIR/report.html" "$golden"
ok "a loss of Linux 6.1 is the golden one" diff -u "$golden" "$TMPDIR/report.html"
good "one loss" "$recorded"
is "no page frame number" "$(grep -cE 'PFN 0x' "$TMPDIR/report.html")" 0
"$THPIN" report --full --from "$recorded" --format html >"$TMPDIR/full.html"
ok "--full has them" grep -q 'PFN 0x' "$TMPDIR/full.html"

# The kernel that loses the most: 135 losses.
python3 "$TESTDIR/cli/matrix_run.py" "$TESTDIR/vm/recorded/5.10.json" "$recorded" \
	>"$TMPDIR/matrix.json" || bail_out "matrix_run.py"
html "$TMPDIR/matrix.json"
good "a whole matrix" "$TMPDIR/matrix.json"
cp "$TMPDIR/report.html" "$TMPDIR/matrix.html"

# --- texts that nobody should trust ----------------------------------------------

hostile='"><script>alert(1)</script><img src=x onerror=y> '"'"'&amp;</style>]]>--><a href=javascript:z>'
python3 - "$recorded" "$hostile" >"$TMPDIR/hostile.json" <<'END'
import json, sys
run = json.load(open(sys.argv[1]))
text = sys.argv[2]
def poison(value, room):
    return (text + value)[:room]
for key, value in run["environment"].items():
    run["environment"][key] = poison(value or "", 600) + "\u202e\ud83d\ude00\ufffe\u0085\x1b[31m"
for key in ("release", "version", "machine"):
    run["host"][key] = poison(run["host"][key], 60)
run["thpin"]["command"] = text
run["thpin"]["version"] = text[:31]
for case in run["cases"]:
    case["evidence"]["kernel_warnings"] = 1
    case["evidence"]["kernel_warning"] = text[:150]
    case["evidence"]["counters"] = {"\"><b>": 1}
    for event in case["events"]:
        event["text"] = text[:100]
json.dump(run, sys.stdout)
END
html "$TMPDIR/hostile.json"
is "hostile texts are read" $? 1
good "hostile texts" "$TMPDIR/hostile.json"
ok "they are there, as text" grep -q '&lt;script&gt;alert(1)&lt;/script&gt;' "$TMPDIR/report.html"
ok "no mark turns the direction of writing" test "$(grep -c $'\xe2\x80\xae' "$TMPDIR/report.html")" = 0

# A region of other sizes, and without page frames, has a picture all the same.
change() { python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
e = d["cases"][0]["evidence"]
exec(sys.argv[2])
json.dump(d, sys.stdout)' "$recorded" "$1" >"$TMPDIR/changed.json"; }
for change in 'd["cases"][0]["pages"] = 1' \
	'd["cases"][0]["pages"] = 262144; e["spans"] = []' \
	'd["cases"][0]["pages"] = 2147483647' \
	'e["spans"] = []; e["losses"][0]["ranges"] = [{"first": 2147483647, "count": 2147483647}]' \
	'e["spans"] = [{"first": i, "count": 1, "before": "unknown", "after": "absent", "moved": None} for i in range(32)]' \
	'd["cases"][0]["rule"] = None'; do
	change "$change"
	html "$TMPDIR/changed.json"
	ok "$change: is read" test $? -lt 2
	good "$change" "$TMPDIR/changed.json"
done
change 'e["spans"] = [{"first": 5, "count": 1, "before": "unknown", "after": "absent", "moved": None}]'
html "$TMPDIR/changed.json" 2>/dev/null
is "pages that do not begin with the first are refused" $? 129

# --- in a browser ------------------------------------------------------------------

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)

# A copy of the report with a script that says how it came out, and pages with a frame
# of either width to show it in: no window of a browser is as narrow as a telephone.
{
	sed 's#</body>.*##' "$TMPDIR/matrix.html"
	cat <<'END'
<script>
const look = e => getComputedStyle(e);
const svg = document.querySelector("figure svg").getBoundingClientRect();
const cut = [...document.querySelectorAll("main > *, section > *, figure, .lanes td")]
	.filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll"));
parent.postMessage(["width", innerWidth, "overflow", document.documentElement.scrollWidth > innerWidth,
	"cut", cut.length, "background", look(document.body).backgroundColor, "picture",
	svg.width >= 240 && svg.height >= 100, "fill", look(document.querySelector("figure .e")).fill].join(" "), "*");
</script></body></html>
END
} >"$TMPDIR/probe.html"
for width in 1200 400; do
	echo "<!DOCTYPE html><script>onmessage = e => document.title = e.data</script>" \
		"<iframe width=$width height=800 frameborder=0 src=probe.html></iframe>"  \
		>"$TMPDIR/frame-$width.html"
done

# shown WIDTH SCHEME BACKGROUND
shown() {
	local options=(--headless --no-sandbox --disable-gpu "--user-data-dir=$TMPDIR/browser"
		"--window-size=1300,900" --virtual-time-budget=5000)

	[ "$2" = light ] || options+=(--blink-settings=preferredColorScheme=0)
	is "$1 pixels, $2: fits, with its pictures" \
		"$(HOME=$TMPDIR timeout 60 "$browser" "${options[@]}" --dump-dom "file://$TMPDIR/frame-$1.html" \
			2>/dev/null | sed -n 's/.*<title>\(.*\)<\/title>.*/\1/p')" \
		"width $1 overflow false cut 0 background $3 picture true fill url(\"#pe\")"
}

for width in 1200 400; do
	for scheme in "light rgb(255, 255, 255)" "dark rgb(22, 23, 26)"; do
		if [ "$browser" ]; then
			shown $width "${scheme%% *}" "${scheme#* }"
		else
			skip "$width pixels, ${scheme%% *}: fits" "there is no browser (Debian: chromium)"
		fi
	done
done
done_testing
