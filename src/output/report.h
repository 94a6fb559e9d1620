/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_OUTPUT_REPORT_H
#define THPIN_OUTPUT_REPORT_H

#include "output/output.h"

enum report_format { REPORT_TEXT, REPORT_MARKDOWN, REPORT_HTML };

/*
 * A run as a bug report: plain text of 75 columns, or one HTML file that needs no
 * other. @full adds what may tell about the machine: absolute page frame numbers,
 * paths, addresses of the kernel. Returns 0 or -ENOMEM; the stream's own errors are
 * found by output_finish().
 */
int output_report(FILE *stream, const struct run *run, enum report_format format, bool full);

/*
 * output_json(); unless @full without page frame numbers, addresses of the kernel, and
 * paths. Returns 0 or -errno.
 */
int output_report_json(FILE *stream, const struct run *run, bool full);

#endif
