/* SPDX-License-Identifier: BSD-2-Clause */
/* Calculation: floats, long doubles, integers wide and signed, a deep and a big stack, jumps. */
#include <math.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static jmp_buf out;

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void floats(void)
{
	double values[1000], sum = 0;
	long double wide = 1.0L;

	for (int i = 0; i < 1000; i++)
		values[i] = sin(i) * exp(i / 200.0);
	qsort(values, 1000, sizeof(values[0]), compare);
	for (int i = 0; i < 1000; i++)
		sum += values[i] / (i + 1);
	for (int i = 1; i < 25; i++)
		wide *= i;
	printf("%.10g %.10g %.12g %.20Lg\n", values[0], values[999], sum, wide);
	printf("%g %g %a\n", 1.0 / 0.0 * 0 == 0 ? 1.0 : 2.0, strtod("1e-310", NULL), 0.1);
}

/* What one process calculates must not show in another's registers. */
static void floats_of_two(void)
{
	double mine = 1;
	int status;

	if (fork() == 0) {
		double theirs = 3;
		for (int i = 0; i < 2000000; i++)
			theirs = theirs * 1.0000001 + 0.5;
		_exit(theirs > 1000000 ? 7 : 8);
	}
	for (int i = 0; i < 2000000; i++)
		mine = sqrt(mine + 1);
	wait(&status);
	printf("%.15f %d\n", mine, WEXITSTATUS(status));
}

static unsigned deep(unsigned depth)
{
	volatile char frame[1024];

	memset((char *)frame, (int)depth, sizeof(frame));
	if (depth == 0)
		return 0;
	return deep(depth - 1) + (unsigned char)frame[depth % 1024] % 2;
}

static void jumps(int depth)
{
	if (depth == 0)
		longjmp(out, 5);
	jumps(depth - 1);
}

int main(void)
{
	unsigned __int128 wide = (unsigned __int128)UINT64_MAX * 12345678901234567ULL;
	volatile char big[4 << 20];
	int value;

	floats();
	floats_of_two();
	printf("%llx%016llx\n", (unsigned long long)(wide >> 64), (unsigned long long)wide);
	printf("deep %u\n", deep(3000));
	memset((char *)big, 3, sizeof(big));
	printf("big %d\n", big[0] + big[sizeof(big) - 1]);
	value = setjmp(out);
	if (value == 0)
		jumps(100);
	printf("jumped with %d\n", value);
	return value;
}
