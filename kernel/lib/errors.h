/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Kernel error codes: OK, or a negated Linux errno from errors.def. */

enum [[nodiscard]] err{
	OK = 0,
#define ERROR(name, value, linux_name, text) name = (value),
#include "kernel/lib/errors.def"
#undef ERROR
};

/* The English text of an error, for logs; never NULL. */
const char *err_text(enum err error);
/* Linux's name of an error ("ENOENT"), or "?" . */
const char *err_name(enum err error);
