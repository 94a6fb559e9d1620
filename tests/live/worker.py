# SPDX-License-Identifier: GPL-2.0-or-later
"""
worker.py worker|guardian SIGNAL THPIN ARGUMENT...: run thpin, send a signal, such
as STOP, to the worker of a case or to the guardian, and exit as thpin does.
"""

import os
import signal
import subprocess
import sys
import time


def stat(pid):
    """Fields of /proc/PID/stat from the state on: state, parent, ...; None if gone"""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def alive(pid):
    fields = stat(pid)
    return bool(fields) and fields[0] not in "ZX"


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
    except OSError:  # gone, or a kernel without CONFIG_PROC_CHILDREN
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        return [one for one in pids if (stat(one) or "??")[1] == str(pid)]


def find(thpin, guardian=False):
    """
    The worker leads a group of its own in the session of thpin, the guardian a
    session of its own.  0: there is none now
    """
    for pid in children(thpin):
        try:
            leads = os.getpgid(pid) == pid  # first: setsid(2) sets it, too
            session = os.getsid(pid)
            if leads and session == (pid if guardian else os.getsid(thpin)):
                return pid
        except ProcessLookupError:
            pass
    return 0


def wait_for(thpin, seconds, guardian=False):
    """Between two cases there is no worker."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and alive(thpin):
        pid = find(thpin, guardian)
        if pid:
            return pid
    return 0


def send(thpin, pid, number):
    """True if the process was there, and is still a child of thpin"""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if (stat(pid) or "??")[1] != str(thpin):
            return False
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


def hold(thpin):
    """Stop a worker that has not finished its case: thpin still waits for it."""
    while True:
        pid = wait_for(thpin, 10)
        if not pid:
            sys.exit("no worker")
        if not send(thpin, pid, signal.SIGSTOP):
            continue
        time.sleep(0.1)
        if (stat(pid) or "?")[0] == "T":
            return pid


def main():
    number = signal.Signals[f"SIG{sys.argv[2]}"]
    with subprocess.Popen(sys.argv[3:]) as thpin:
        if sys.argv[1] == "guardian":
            send(thpin.pid, wait_for(thpin.pid, 10, True), number)
        else:
            pid = hold(thpin.pid)
            if number != signal.SIGSTOP:
                send(thpin.pid, pid, number)
                send(thpin.pid, pid, signal.SIGCONT)
        sys.exit(thpin.wait())


if __name__ == "__main__":
    main()
