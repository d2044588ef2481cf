/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/string.h"

#include "kernel/lib/compiler.h"

/*
 * Whole words by rep movsq and rep stosq: the fast-string unit handles them well everywhere, and
 * they cost one instruction per word where instructions are counted.
 */
void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
	void *at = to;
	size_t words = len / 8, rest = len & 7;

	__asm__ volatile("rep movsq" : "+D"(at), "+S"(from), "+c"(words) : : "memory");
	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(rest) : : "memory");
	return to;
}

static uint64_t load_word(const void *at)
{
	uint64_t word;

	__builtin_memcpy(&word, at, sizeof(word));
	return word;
}

/* Backwards string instructions are slow everywhere: whole words by hand. */
static void copy_backwards(char *to, const char *from, size_t len)
{
	while (len >= 8) {
		uint64_t word = load_word(from + len - 8);

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

	__asm__ volatile("rep stosq" : "+D"(at), "+c"(words) : "a"(pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D"(at), "+c"(rest) : "a"(pattern) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const uint8_t *x = a, *y = b;
	size_t i = 0;

	while (len - i >= 8 && load_word(x + i) == load_word(y + i))
		i += 8;
	for (; i < len; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}

/* Whether one of a word's bytes is 0: only then a borrow reaches its top bit. */
static bool word_has_zero(uint64_t word)
{
	return (word - 0x0101010101010101ull) & ~word & 0x8080808080808080ull;
}

void *memchr(const void *at, int byte, size_t len)
{
	const uint64_t pattern = 0x0101010101010101ull * (uint8_t)byte;
	const uint8_t *x = at;
	const uint8_t *end = x + len;

	while (end - x >= 8 && !word_has_zero(load_word(x) ^ pattern))
		x += 8;
	for (; x < end; x++)
		if (*x == (uint8_t)byte)
			return (void *)(uintptr_t)x;
	return NULL;
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
