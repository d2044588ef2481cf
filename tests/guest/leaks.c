/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks for the kernel's addresses in all that a program can see: leaks [SIZE:NEGATED START]…
 *
 * The harness has read from outside where this boot has put the kernel, and tells it by negated
 * numbers: none of this program's own words is an address that it looks for. A range of one byte is
 * a single value, such as the distance that the image has moved. It makes every system call there
 * is, as root: on Bartizan only, for elsewhere some of them change modes and leave objects behind.
 */
#include "leaks.h"

#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#define RANGES_MAX 16
#define PLACES_MAX 64
#define PLACE_MAX  48

static struct {
	uint64_t size;
	uint64_t minus_start;
} ranges[RANGES_MAX];
static unsigned range_count;
/* Of this process and those that it has started. */
static struct {
	uint64_t bytes;
	unsigned told;
	char places[PLACES_MAX][PLACE_MAX];
} * seen_by_all;
static const char *user;

static bool is_kernels(uint64_t word)
{
	for (unsigned i = 0; i < range_count; i++)
		if (word + ranges[i].minus_start < ranges[i].size)
			return true;
	return false;
}

static bool is_told(const char *where)
{
	for (unsigned i = 0; i < seen_by_all->told && i < PLACES_MAX; i++)
		if (!strncmp(seen_by_all->places[i], where, PLACE_MAX - 1))
			return true;
	return false;
}

/* Each place once, and without what is found there, which a pipe would give back. */
static void tell(const char *where, uint64_t at)
{
	if (is_told(where))
		return;
	if (seen_by_all->told < PLACES_MAX)
		snprintf(seen_by_all->places[seen_by_all->told], PLACE_MAX, "%s", where);
	seen_by_all->told++;
	printf("%s: %s at %llu\n", user, where, (unsigned long long)at);
	fflush(stdout);
}

void look_at(const char *where, const void *data, size_t len)
{
	const char *bytes = data;
	uint64_t word;

	seen_by_all->bytes += len;
	for (size_t at = 0; at + sizeof(word) <= len; at++) {
		memcpy(&word, bytes + at, sizeof(word));
		if (is_kernels(word)) {
			tell(where, at);
			return;
		}
	}
}

void must_be_zero(const char *where, const void *data, size_t len)
{
	const char *bytes = data;

	seen_by_all->bytes += len;
	for (size_t at = 0; at < len; at++) {
		if (bytes[at]) {
			tell(where, at);
			return;
		}
	}
}

static int digit(char c)
{
	return c >= '0' && c <= '9'                 ? c - '0'
	       : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
						    : 16;
}

static bool number_is_kernels(const char *text, size_t len, unsigned base)
{
	uint64_t word = 0;

	for (size_t i = 0; i < len; i++)
		word = word * base + (uint64_t)digit(text[i]);
	return is_kernels(word);
}

void read_text(const char *where, const char *text, size_t len)
{
	size_t hexes = 0, decimals = 0;

	look_at(where, text, len);
	for (size_t i = 0; i < len; i++) {
		hexes = digit(text[i]) < 16 ? hexes + 1 : 0;
		decimals = digit(text[i]) < 10 ? decimals + 1 : 0;
		for (size_t n = 7; n <= 16 && n <= hexes; n++)
			if (number_is_kernels(text + i + 1 - n, n, 16))
				tell(where, i);
		for (size_t n = 10; n <= 20 && n <= decimals; n++)
			if (number_is_kernels(text + i + 1 - n, n, 10))
				tell(where, i);
	}
}

uint64_t looked_at(void)
{
	uint64_t bytes = seen_by_all->bytes;

	seen_by_all->bytes = 0;
	return bytes;
}

static void part(const char *name, void (*look)(void))
{
	look();
	printf("%s: %s: %llu bytes\n", user, name, (unsigned long long)looked_at());
	fflush(stdout);
}

static int look_everywhere(void)
{
	user = getuid() ? "user" : "root";
	part("calls", look_at_calls);
	part("every call", look_at_every_call);
	part("padding", look_at_padding);
	part("registers", look_at_registers);
	part("frames", look_at_frames);
	part("files", look_at_files);
	part("memory", look_at_memory);
	return seen_by_all->told ? 1 : 0;
}

static int as_user(void)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (setgid(1000) || setuid(1000))
			_exit(2);
		exit(look_everywhere());
	}
	return waitpid(child, &status, 0) == child ? status : -1;
}

static bool on_bartizan(void)
{
	struct utsname name;

	return uname(&name) == 0 && strstr(name.release, "bartizan") != NULL;
}

int main(int argc, char **argv)
{
	if (!on_bartizan())
		return 3;
	for (int i = 1; i < argc && range_count < RANGES_MAX; i++, range_count++) {
		ranges[range_count].size = strtoull(argv[i], NULL, 10);
		ranges[range_count].minus_start = strtoull(strchr(argv[i], ':') + 1, NULL, 10);
	}
	seen_by_all = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen_by_all == MAP_FAILED)
		return 2;
	if (as_user() | look_everywhere())
		return 1;
	puts("ok");
	return 0;
}
