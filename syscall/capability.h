/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The operations of prctl that are about capabilities. */
#include "syscall/user.h"

#define PR_GET_KEEPCAPS   7u
#define PR_SET_KEEPCAPS   8u
#define PR_CAPBSET_READ   23u
#define PR_CAPBSET_DROP   24u
#define PR_GET_SECUREBITS 27u
#define PR_SET_SECUREBITS 28u
#define PR_CAP_AMBIENT    47u

/** One of the operations above; ERR_INVAL for every other. */
int64_t capability_prctl(const struct trapframe *frame);
