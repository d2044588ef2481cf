/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* One program from its START to its STATUS: the bytes which go back and forth meanwhile. */
#include <stdbool.h>

#include "user/agent/frame.h"
#include "user/agent/start.h"

/* Prepare for the ends of programs. Once, before the first session. Return: false with errno set.
 */
bool session_init(void);

/*
 * Run one program and report it. Its background children are not waited for.
 * Return: false if the launcher sent a frame that has no place here, or the line ended.
 */
bool session_run(struct link *link, const struct start *start);
