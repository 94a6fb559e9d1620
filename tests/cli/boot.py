# SPDX-License-Identifier: GPL-2.0-or-later
"""
boot.py: started as QEMU by tests/cli/boot.sh.  Adds its arguments to the file
$ARGUMENTS and says on the second serial line what a guest says whose subcommand ends
with status 0.  $PLOT: "answer" at once; "late": 30 s after the first word, by the clock
that $CLOCK sets; "mute": not a word within 30 s, of KVM.
"""

import array
import fcntl
import os
import sys
import termios
import time

HELLO = b"\x7fTP\x01H\0\0\0\0"
EXIT = b"\x7fTP\x01X\x01\0\0\0\0"
arguments = sys.argv[1:]


def say(line, words):
    """Until they are read: then thpin has looked at them before it looks at the clock"""
    os.write(line, words)
    left = array.array("i", [1])
    while left[0]:
        fcntl.ioctl(line, termios.FIONREAD, left)
        time.sleep(0.001)


with open(os.environ["ARGUMENTS"], "a", encoding="utf-8") as file:
    file.writelines(f"{argument}\n" for argument in arguments)
plot = os.environ["PLOT"]
kvm = any("accel=kvm" in argument for argument in arguments)
console, frames = (os.open(one.removeprefix("file:"), os.O_WRONLY) for one in arguments
                   if one.startswith("file:/dev/fd/"))
if not (plot == "mute" and kvm):
    say(frames, HELLO)
if plot == "late" or plot == "mute" and kvm:
    with open(os.environ["CLOCK"], "w", encoding="ascii") as file:
        file.write("30\n")
    say(console, b"This wakes thpin up.\n")
    say(console, b"And so does this.\n")
if not (plot == "mute" and kvm):
    os.write(frames, EXIT)
time.sleep(60)  # until it is killed
