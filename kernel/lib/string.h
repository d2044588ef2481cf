/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The C library's memory and string functions that the kernel uses, with their usual meaning. */
#include "kernel/lib/types.h"

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
void *memchr(const void *at, int byte, size_t len);
size_t strlen(const char *text);
size_t strnlen(const char *text, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);
char *strchr(const char *text, int c);
char *strrchr(const char *text, int c);

/* Copies at most size - 1 bytes and always ends with NUL; returns strlen(from). size > 0. */
size_t strlcpy(char *to, const char *from, size_t size);

/* Clears memory that held secrets: the compiler cannot leave it out. */
void memzero_secret(void *at, size_t len);
