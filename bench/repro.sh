#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How long thpin repro takes: a case, a pin, the whole matrix.  For comparison,
# BENCH_PEERS names other programs, one command a line.  No figure here is right
# or wrong, and none is tested.

set -u
export LC_ALL=C

here=$(cd "$(dirname "$0")/.." && pwd) || exit 1
export THPIN=${THPIN:-$here/thpin}
if ! [ -x "$THPIN" ]; then
	echo "bench/repro.sh: $THPIN is not there: run make first" >&2
	exit 1
fi
export BENCH_PEERS=${BENCH_PEERS-}
exec python3 -B - <<'END'
import json
import os
import platform
import shlex
import shutil
import statistics
import subprocess
import tempfile
import time

THPIN = os.environ["THPIN"]
TIMER = shutil.which("time")
CASE_RUNS = 20
MATRIX_RUNS = 5


def measure(command):
    """Seconds, and KiB of the largest process or None: only time(1) can tell"""
    with tempfile.NamedTemporaryFile() as file:
        timer = [TIMER, "--quiet", "-f", "%M", "-o", file.name] if TIMER else []
        began = time.monotonic()
        subprocess.run(
            timer + command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        seconds = time.monotonic() - began
        return seconds, int(file.read()) if TIMER else None


def quartiles(values):
    """Median, and how far half of the values are from it"""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{middle:10.2f} {high - low:8.2f}"


def model():
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        names = [line.split(": ", 1)[1] for line in file if line.startswith("model name")]
    return names[0].strip() if names else platform.machine()


def matrix(command):
    runs = [measure(command) for _ in range(MATRIX_RUNS)]
    seconds = statistics.median(run[0] for run in runs)
    memory = f"{max(run[1] for run in runs) / 1024:.1f}" if TIMER else "-"
    return f"{seconds:8.2f} {memory:>8}"


def main():
    milliseconds = {}
    for _ in range(CASE_RUNS):
        said = subprocess.run(
            [THPIN, "repro", "--json"], stdout=subprocess.PIPE, check=False
        )
        result = json.loads(said.stdout)
        for case in result["cases"]:
            if case["verdict"] not in ("skipped", "error", None):
                milliseconds.setdefault(case["case"], []).append(case["ms"])
    host = result["host"]
    print(f"{host['sysname']} {host['release']} {host['machine']}, {host['cpus']} CPUs, {model()}")
    print(f"thpin {result['thpin']['version']}, median and quartile distance of {CASE_RUNS} runs, ms")
    print(f"\n{'case':44} {'median':>10} {'spread':>8}")
    for name, values in milliseconds.items():
        print(f"{name:44} {quartiles(values)}")
    print(f"\n{'pin (a case of it)':44} {'median':>10} {'spread':>8}")
    for pin in dict.fromkeys(name.split("/")[0] for name in milliseconds):
        values = [v for name, vs in milliseconds.items() if name.startswith(f"{pin}/") for v in vs]
        print(f"{pin:44} {quartiles(values)}")
    print(f"\n{f'program (median of {MATRIX_RUNS} runs)':44} {'s':>8} {'MiB':>8}")
    print(f"{f'thpin repro ({len(milliseconds)} cases)':44} {matrix([THPIN, 'repro'])}")
    peers = [line for line in os.environ["BENCH_PEERS"].splitlines() if line.strip()]
    for peer in peers:
        print(f"{peer:44} {matrix(shlex.split(peer))}")
    if not peers:
        print("no peers: BENCH_PEERS is empty")
    if not TIMER:
        print("memory (of the largest process) needs time(1)")


main()
END
