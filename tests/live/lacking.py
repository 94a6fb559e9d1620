# SPDX-License-Identifier: GPL-2.0-or-later
"""What a machine may lack, for cells.py, and the cases that may be skipped for that"""

import ctypes
import mmap
import os
import re
import socket
import subprocess
import sys

from truth import KERNEL, fits

THPIN = os.environ["THPIN"]


def can_open(path):
    try:
        os.close(os.open(path, os.O_RDWR))
    except OSError:
        return False
    return True


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""


def has_free_swap():
    return bool(re.search(r"^SwapFree:\s*[1-9]", read("/proc/meminfo"), re.M))


def tracks_soft_dirty():
    """Whether a new page is soft-dirty: bit 55 of its pagemap entry"""
    page = ctypes.create_string_buffer(1)
    address = ctypes.addressof(page) // mmap.PAGESIZE * 8
    with open("/proc/self/pagemap", "rb") as pagemap:
        pagemap.seek(address)
        return bool(int.from_bytes(pagemap.read(8), sys.byteorder) >> 55 & 1)


def is_admin():
    found = re.search(r"^CapEff:\s*(\w+)$", read("/proc/self/status"), re.M)
    return bool(int(found[1], 16) >> 21 & 1)


def in_user_namespace():
    return read("/proc/self/uid_map").split() != ["0", "0", "4294967295"]


def built_without(library):
    said = subprocess.run(
        [THPIN, "--version"], capture_output=True, text=True, check=True
    )
    return f"without {library}" in said.stdout


def has_memory_cgroup():
    """A mounted hierarchy that has, or passes on, the memory controller"""
    for line in read("/proc/self/mounts").splitlines():
        _, where, kind, options = line.split()[:4]
        if kind == "cgroup" and "memory" in options.split(","):
            return True
        if kind == "cgroup2" and "memory" in read(f"{where}/cgroup.subtree_control").split():
            return True
    return False


def can_use_xdp():
    """veth may be a module that thpin does not load"""
    try:
        socket.socket(44, socket.SOCK_RAW).close()  # AF_XDP
    except PermissionError:
        return True
    except OSError:
        return False
    made = ["unshare", "-rn", "ip", "link", "add", "type", "veth"]
    return subprocess.run(made, capture_output=True, check=False).returncode == 0


LACKING = {
    "cgroup": lambda: not has_memory_cgroup(),
    "debugfs": lambda: True,  # the kernel may be locked down
    "nodes": lambda: not os.path.exists("/sys/devices/system/node/node1"),
    "admin": lambda: not is_admin(),
    "fuse": lambda: not can_open("/dev/fuse"),
    "loop": lambda: not can_open("/dev/loop-control"),
    "softdirty": lambda: not tracks_soft_dirty(),
    "swap": lambda: not has_free_swap(),
    "thp": lambda: not read("/sys/kernel/mm/transparent_hugepage/enabled"),
    "userfault": lambda: read("/proc/sys/vm/unprivileged_userfaultfd") == "",
    "send-zc": lambda: KERNEL < (6, 0),
    "xdp": lambda: not can_use_xdp(),
    "uring": lambda: built_without("liburing")
    or read("/proc/sys/kernel/io_uring_disabled") not in ("", "0"),
}

# What may be skipped: where all of these are lacking, and with which reason
SKIPS = [
    ("odirect-block/*", "admin", "CAP_SYS_ADMIN"),
    ("odirect-block/*", "loop", "/dev/loop-control"),
    ("odirect-*/*", "fuse", "/dev/fuse"),
    ("aio/*", "fuse", "/dev/fuse"),
    ("uring-odirect/*", "fuse", "/dev/fuse"),
    ("*/mprotect-softdirty", "softdirty", "soft-dirty"),
    ("*/read-only-before-pin", "softdirty", "soft-dirty"),
    ("uring-*/*", "uring", "io_uring|liburing"),
    ("process-vm*/*", "userfault", "userfaultfd"),
    ("xdp-umem/*", "admin", "CAP_BPF"),
    ("xdp-umem*/*", "xdp", "AF_XDP|veth|XSKMAP"),
    ("process-vm*/*", "admin", "userfaultfd"),
    ("uring-send-zc*/*", "send-zc", "SEND_ZC"),
    ("*/uffd-*", "userfault", "userfaultfd"),
    ("*/split-debugfs", "debugfs", "debugfs"),
    ("*/migrate-node", "nodes", "one NUMA node"),
    ("*/memory-pressure", "cgroup", "cgroup"),
    ("*/split-child-pageout", "cgroup", "cgroup"),
    ("*/pageout", "swap admin", "swap.*CAP_SYS_ADMIN"),
    ("*/pageout", "swap loop", "swap.*/dev/loop-control"),
    ("*/thp*/*", "thp", "THP"),
]


def why_skipped(cell, lacking):
    """The words of LACKING that explain a skip, none if it has no need"""
    for glob, needs, reason in SKIPS:
        if (
            fits(glob, cell["case"])
            and lacking.issuperset(needs.split())
            and re.search(reason, cell["reason"] or "")
        ):
            return set(needs.split())
    return set()
