/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/errors.h"

/* One case a row of the table. */
const char *err_text(enum err error) /* NOLINT(readability-function-size) */
{
	switch (error) {
	case OK:
		return "ok";
#define ERROR(name, value, linux_name, text) \
	case name:                           \
		return text;
#include "kernel/lib/errors.def"
#undef ERROR
	}
	return "unknown error";
}

const char *err_name(enum err error) /* NOLINT(readability-function-size) */
{
	switch (error) {
	case OK:
		return "OK";
#define ERROR(name, value, linux_name, text) \
	case name:                           \
		return linux_name;
#include "kernel/lib/errors.def"
#undef ERROR
	}
	return "?";
}
