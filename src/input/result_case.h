/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INPUT_RESULT_CASE_H
#define THPIN_INPUT_RESULT_CASE_H

#include "case/case.h"
#include "input/fields.h"

/* One entry of "cases" as json_case() writes it. */
void read_case(struct reader *reader, json_t *object, struct case_result *result);

#endif
