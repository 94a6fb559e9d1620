#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What page states of a live process cost: bench/probe.c says more.

cd "$(dirname "$0")/.." && make -s bench/probe && exec bench/probe
