/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Locks on files. */
#include "syscall/user.h"

/** fcntl's lock commands, and ERR_INVAL for every other. The file is counted by the caller. */
int64_t fcntl_lock(const struct trapframe *frame, struct file *file, uint32_t command);
