/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Shared by the parts of tests/guest/leaks*.c. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** Looks at all 8-byte words of @data, at every byte, and says what is the kernel's. */
void look_at(const char *where, const void *data, size_t len);
/** The same for numbers written in hexadecimal and decimal. */
void read_text(const char *where, const char *text, size_t len);
/** Bytes of no meaning: whatever they hold that is not zero is the kernel's. */
void must_be_zero(const char *where, const void *data, size_t len);
/** How many bytes were looked at since the last call. */
uint64_t looked_at(void);

/* The parts: each looks at one kind of place. */
void look_at_calls(void);
void look_at_every_call(void);
void look_at_padding(void);
void look_at_registers(void);
void look_at_frames(void);
void look_at_files(void);
void look_at_memory(void);

/** What a handler got. @is_fault: an exception's. */
void look_at_siginfo(const void *info, bool is_fault);
