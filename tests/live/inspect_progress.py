# SPDX-License-Identifier: GPL-2.0-or-later
"""
inspect_progress.py: how far "thpin inspect" has come is shown on stderr where that is a
terminal, in one line that is gone in the end, and nowhere else.  Prints TAP.
"""

import fcntl
import os
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
import time

sys.path.insert(0, os.environ["TESTDIR"])
from truth import Tap

THPIN = os.environ["THPIN"]
CLEAR = "\033[K"
tap = Tap()


def on_terminal(*arguments, term="xterm"):
    """
    Status, stdout, and what the terminal was sent. thpin is stopped for longer than it
    leaves a line as it is when it has shown the first: the next is not a matter of luck.
    """
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 25, 80, 0, 0))
    sent = []

    def receive():
        try:
            while data := os.read(master, 4096):
                if not sent:
                    process.send_signal(signal.SIGSTOP)
                    time.sleep(0.5)
                    process.send_signal(signal.SIGCONT)
                sent.append(data)
        except OSError:  # nobody has the other end any more
            pass

    environment = {name: value for name, value in os.environ.items()
                   if name not in ("COLUMNS", "TERM")}
    process = subprocess.Popen([THPIN, "inspect", *arguments], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=slave, text=True,
                               env=environment | ({"TERM": term} if term else {}))
    os.close(slave)
    thread = threading.Thread(target=receive)
    thread.start()
    out, _ = process.communicate(timeout=60)
    thread.join()
    os.close(master)
    return process.returncode, out, b"".join(sent).decode()


def lines_of(text):
    """What the line was, each time that it was written anew"""
    return [part.removesuffix(CLEAR) for part in text.split("\r")[1:]]


def point(name, right, said):
    tap.point(name, [] if right else [repr(said)])


with subprocess.Popen([sys.executable, "-B", os.path.join(os.environ["TESTDIR"], "live/odd.py"),
                       "vmas"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                      text=True) as process:
    pid = process.stdout.readline().strip()
    with open(f"/proc/{pid}/maps", encoding="ascii") as file:
        vmas = len(file.readlines())
    status, out, sent = on_terminal(pid, "--json")
    lines = lines_of(sent)
    numbers = [int(line.split()[0]) for line in lines[:-1] if line]
    shown = re.compile(rf"\d+ of {vmas}(, about \d+ \w+ left)?  VMAs")
    point("on a terminal: how many VMAs it has looked at, of how many",
          numbers and all(shown.fullmatch(line) for line in lines[:-1]), sent)
    point("... again and again", len(numbers) > 1 and numbers == sorted(set(numbers)), numbers)
    point("... and in the end nothing", lines and lines[-1] == "" and sent.endswith("\r" + CLEAR),
          sent[-80:])
    point("... but what was found, elsewhere", status == 1 and out.startswith("{"), (status, out[:80]))
    for name, term in (("a dumb terminal", "dumb"), ("a terminal of no kind", None)):
        status, out, sent = on_terminal(pid, "--json", term=term)
        point(f"{name}: nothing", status == 1 and sent == "", sent)
    done = subprocess.run([THPIN, "inspect", pid, "--json"], capture_output=True, text=True,
                          timeout=60, env=os.environ | {"TERM": "xterm"})
    point("no terminal: nothing", done.returncode == 1 and done.stderr == "", done.stderr)
    status, out, sent = on_terminal(pid, str(os.getpid()), "4194303", "-nr", "-o", "TARGET")
    process.stdin.close()
point("several: how many of them", sent.startswith(f"\r0 of 3  processes{CLEAR}"), sent)
point("... and a message has a line of its own",
      sent.endswith(f"\r{CLEAR}thpin: there is no process 4194303\r\n"), sent)
tap.done()
