/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Sessions and process groups: setsid(2), setpgid(2), getpgid(2), getsid(2). */
#include "proc/process.h"

/** Return: the new session's number, or ERR_PERM for the leader of a group or session. */
int64_t process_setsid(void);

/** Zeros mean the caller, and the process itself. Return: OK, ERR_INVAL, ERR_SRCH, ERR_ACCES,
 * ERR_PERM. */
enum err process_setpgid(int32_t number, int32_t group_number);

/** Of process @number, 0 = the caller; ERR_SRCH. */
int64_t process_getpgid(int32_t number);
int64_t process_getsid(int32_t number);
