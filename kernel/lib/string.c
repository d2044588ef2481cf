/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/string.h"

#include "kernel/lib/compiler.h"
#include "kernel/lib/san.h"
#include "kernel/lib/word.h"

/*
 * Whole words by rep movsq and rep stosq: the fast-string unit handles them well everywhere, and
 * they cost one instruction per word where instructions are counted.
 */
void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
	void *at = to;
	size_t words = len / 8, rest = len & 7;

	san_read(from, len);
	san_write(to, len);
	__asm__ volatile("rep movsq" : "+D"(at), "+S"(from), "+c"(words) : : "memory");
	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(rest) : : "memory");
	return to;
}

/* Backwards string instructions are slow everywhere: whole words by hand. */
static void copy_backwards(char *to, const char *from, size_t len)
{
	while (len >= 8) {
		uint64_t word = word_load(from + len - 8);

		len -= 8;
		__builtin_memcpy(to + len, &word, sizeof(word));
	}
	while (len--)
		to[len] = from[len];
}

void *memmove(void *to, const void *from, size_t len)
{
	if ((uintptr_t)to - (uintptr_t)from >= len)
		return memcpy(to, from, len);
	copy_backwards(to, from, len);
	return to;
}

void *memset(void *to, int byte, size_t len)
{
	void *at = to;
	uint64_t pattern = 0x0101010101010101ull * (uint8_t)byte;
	size_t words = len / 8, rest = len & 7;

	san_write(to, len);
	__asm__ volatile("rep stosq" : "+D"(at), "+c"(words) : "a"(pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D"(at), "+c"(rest) : "a"(pattern) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const uint8_t *x = a, *y = b;
	size_t i = 0;

	while (len - i >= 8 && word_load(x + i) == word_load(y + i))
		i += 8;
	for (; i < len; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}

void *memchr(const void *at, int byte, size_t len)
{
	const char *x = at;
	const char *end = x + len;
	uint64_t marks;
	size_t left;

	for (; end - x >= 8; x += 8) {
		marks = word_zero_bytes(word_load(x) ^ WORD_OF(byte));
		if (marks)
			return (void *)(uintptr_t)(x + word_bytes_before(marks));
	}
	left = (size_t)(end - x);
	marks = word_zero_bytes(word_load_rest(x, left) ^ WORD_OF(byte));
	if (!marks || word_bytes_before(marks) >= left)
		return NULL;
	return (void *)(uintptr_t)(x + word_bytes_before(marks));
}

size_t strlen(const char *text)
{
	size_t len = 0;

	while (text[len])
		len++;
	return len;
}

size_t strnlen(const char *text, size_t max)
{
	size_t len = 0;

	while (len < max && text[len])
		len++;
	return len;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (uint8_t)*a - (uint8_t)*b;
}

int strncmp(const char *a, const char *b, size_t max)
{
	for (size_t i = 0; i < max; i++) {
		if (a[i] != b[i])
			return (uint8_t)a[i] - (uint8_t)b[i];
		if (!a[i])
			return 0;
	}
	return 0;
}

char *strchr(const char *text, int c)
{
	for (;; text++) {
		if (*text == (char)c)
			return (char *)(uintptr_t)text;
		if (!*text)
			return NULL;
	}
}

char *strrchr(const char *text, int c)
{
	const char *found = NULL;

	for (;; text++) {
		if (*text == (char)c)
			found = text;
		if (!*text)
			return (char *)(uintptr_t)found;
	}
}

size_t strlcpy(char *to, const char *from, size_t size)
{
	size_t len = strlen(from), copied = len < size ? len : size - 1;

	memcpy(to, from, copied);
	to[copied] = 0;
	return len;
}

void memzero_secret(void *at, size_t len)
{
	memset(at, 0, len);
	compiler_barrier();
}
