/* SPDX-License-Identifier: BSD-2-Clause */
/* delay.seed=N: where CPUs dawdle; without it each boot draws its own, and says which. */
#include "boot/debug.h"
#include "kernel/core/cmdline.h"
#include "kernel/core/log.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/delay.h"

static bool number_of(const char *text, uint64_t *number)
{
	uint64_t value = 0;

	for (; *text; text++) {
		if (*text < '0' || *text > '9' || value > ~0ull / 10 - 1)
			return false;
		value = value * 10 + (uint64_t)(*text - '0');
	}
	*number = value;
	return true;
}

void debug_begin(const char *cmdline)
{
	uint64_t seed = rdtsc() & 0xffffffff;
	char word[24];

	if (cmdline_value(cmdline, "delay.seed", word, sizeof(word)) && !number_of(word, &seed))
		log_warn("debug", "delay.seed=%s is no number", word);
	delay_seed(seed);
	log_info("debug", "delay.seed=%lu", seed);
}
