/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What a pseudo terminal asks of fs/devpts, which shows the slaves. */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

/** Let /dev/pts have the name @index, owned by @uid. Context: thread. Return: OK, ERR_NOMEM. */
enum err pty_node_add(uint32_t index, uint32_t uid);

/** That name goes. Context: thread. */
void pty_node_remove(uint32_t index);
