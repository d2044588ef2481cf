/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What calls on attributes are about: a name's or a descriptor's place, counted. */
#include "syscall/user.h"

/** What a name or, by AT_EMPTY_PATH or a NULL name, a descriptor means. @flags: AT_*. */
enum err find_place(int32_t dirfd, struct uaddr name, uint32_t flags, struct path *out);

/** What the descriptor in the first argument stands for. Return: OK, ERR_BADF. */
enum err file_place(const struct trapframe *frame, struct path *out);
