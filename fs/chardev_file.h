/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Files of character devices. */
#include "fs/file.h"

struct tty;

/** The terminal behind a file, or NULL. */
struct tty *file_tty(struct file *file);
