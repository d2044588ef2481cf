/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/check.h"

/* The kernel's functions under the names that host.mk gives them, against the C library's. */
void *kernel_memcpy(void *restrict to, const void *restrict from, size_t len);
void *kernel_memmove(void *to, const void *from, size_t len);
void *kernel_memset(void *to, int byte, size_t len);
int kernel_memcmp(const void *a, const void *b, size_t len);
void *kernel_memchr(const void *at, int byte, size_t len);
size_t kernel_strlen(const char *text);
size_t kernel_strnlen(const char *text, size_t max);
int kernel_strcmp(const char *a, const char *b);
int kernel_strncmp(const char *a, const char *b, size_t max);
char *kernel_strchr(const char *text, int c);
char *kernel_strrchr(const char *text, int c);
size_t kernel_strlcpy(char *to, const char *from, size_t size);

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

/* Every length and distance of a small buffer: what is inside is moved, nothing else. */
static void test_moves(void)
{
	uint8_t start[64];
	uint8_t a[64];
	uint8_t b[64];

	for (unsigned i = 0; i < 64; i++)
		start[i] = (uint8_t)(i * 7 + 1);
	for (size_t len = 0; len <= 32; len++) {
		for (size_t to = 0; to <= 32; to++) {
			memcpy(a, start, 64);
			memcpy(b, start, 64);
			memmove(a + to, a + 16, len);
			CHECK(kernel_memmove(b + to, b + 16, len) == b + to);
			CHECK(memcmp(a, b, 64) == 0);
			memset(a + to, (int)len, len);
			CHECK(kernel_memset(b + to, (int)len, len) == b + to);
			CHECK(memcmp(a, b, 64) == 0);
			CHECK(kernel_memcpy(b + to, start, len) == b + to);
			memcpy(a + to, start, len);
			CHECK(memcmp(a, b, 64) == 0);
		}
	}
}

/* Exact heap copies: one byte read beyond the end would be found. */
static void test_compares(void)
{
	uint64_t seed = 3;

	for (unsigned round = 0; round < 20000; round++) {
		size_t len = check_random(&seed) % 40;
		char text[2][41] = {{0}};
		char *a;
		char *b;

		for (size_t i = 0; i < len; i++) {
			text[0][i] = (char)('a' + check_random(&seed) % 2);
			text[1][i] = (char)(check_random(&seed) % 16 ? text[0][i] : (char)0xe1);
		}
		a = check_copy(text[0], len);
		b = check_copy(text[1], len);
		CHECK_EQ(sign(kernel_memcmp(a, b, len)), sign(memcmp(a, b, len)));
		CHECK(kernel_memchr(b, 0xe1, len) == memchr(b, 0xe1, len));
		CHECK_EQ(kernel_strnlen(a, len), len);
		CHECK_EQ(sign(kernel_strncmp(a, b, len)), sign(strncmp(a, b, len)));
		free(a);
		free(b);
		a = check_copy(text[0], len + 1);
		b = check_copy(text[1], len + 1);
		CHECK_EQ(kernel_strlen(a), len);
		CHECK_EQ(sign(kernel_strcmp(a, b)), sign(strcmp(a, b)));
		CHECK_EQ(sign(kernel_strncmp(a, b, len + 1)), sign(strncmp(a, b, len + 1)));
		CHECK(kernel_strchr(a, 'b') == strchr(a, 'b'));
		CHECK(kernel_strrchr(a, 'b') == strrchr(a, 'b'));
		CHECK(kernel_strchr(a, 0) == a + len && kernel_strrchr(a, 0) == a + len);
		free(a);
		free(b);
	}
}

static void test_bounded_copy(void)
{
	char to[5];

	for (size_t size = 1; size <= 5; size++) {
		memset(to, 'x', sizeof(to));
		CHECK_EQ(kernel_strlcpy(to, "abcd", size), 4);
		CHECK_EQ(strlen(to), size - 1);
		CHECK(memcmp(to, "abcd", size - 1) == 0);
		CHECK(size == 5 || to[size] == 'x');
	}
}

int main(void)
{
	test_moves();
	test_compares();
	test_bounded_copy();
	return check_done("string");
}
