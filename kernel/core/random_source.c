/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/string.h"

#include "kernel/core/boot_info.h"
#include "kernel/core/fw_cfg.h"
#include "kernel/core/marker.h"
#include "kernel/core/random_internal.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/io.h"

#define RDRAND_RETRIES 10 /* SDM vol 1, 7.3.17.1: ten failures in a row mean it is broken */

#define JITTER_SAMPLES      4096u
#define JITTER_BATCH        64u
#define JITTER_BIT_SAMPLES  16u
#define JITTER_MEMORY_WORDS 64u

#define PORT_SYSTEM_CONTROL 0x61 /* reading it changes nothing */

bool random_words_healthy(const uint64_t *words, size_t count)
{
	for (unsigned bit = 0; bit < 8; bit++) {
		size_t ones = 0;

		for (size_t i = 0; i < count; i++)
			ones += words[i] >> bit & 1;
		if (ones * 8 > count * 7 || ones * 8 < count)
			return false;
	}
	for (size_t i = 0; i < count; i++) {
		size_t same = 0;

		for (size_t k = 0; k < count; k++)
			same += words[k] == words[i];
		if (same * 4 > count)
			return false;
		if (i >= 2 && words[i] == words[i - 1] && words[i] == words[i - 2])
			return false;
	}
	return count > 0;
}

unsigned random_jitter_bits(const uint32_t *deltas, size_t count)
{
	size_t changes = 0;

	/* Under deterministic emulation every delta is the same, or alternates in a short cycle:
	 * neither first nor second differences may be mostly zero. */
	for (size_t i = 4; i < count; i++)
		changes += deltas[i] != deltas[i - 1] && deltas[i] != deltas[i - 2] &&
			   deltas[i] != deltas[i - 4];
	return changes * 4 >= count ? (unsigned)(count / JITTER_BIT_SAMPLES) : 0;
}

static void random_collect_cpu(random_sink sink, bool (*step)(uint64_t *word))
{
	uint64_t words[RANDOM_HEALTH_SAMPLES];

	for (size_t i = 0; i < RANDOM_HEALTH_SAMPLES; i++) {
		unsigned tries = 0;

		while (!step(&words[i]))
			if (++tries > RDRAND_RETRIES)
				return;
	}
	sink(words, sizeof(words), random_words_healthy(words, RANDOM_HEALTH_SAMPLES) ? 256 : 0);
	memzero_secret(words, sizeof(words));
}

/* One slow sample: a port read leaves the CPU, and under a hypervisor the guest. */
static uint32_t random_port_sample(uint64_t *memory, uint64_t *state)
{
	uint64_t start = rdtsc();

	for (unsigned i = 0; i < 4; i++)
		memory[i] ^= *state += inb(PORT_SYSTEM_CONTROL);
	return (uint32_t)(rdtsc() - start);
}

/* One sample: the time of work whose speed depends on caches, memory and interrupts. */
static uint32_t random_jitter_sample(uint64_t *memory, uint64_t *state)
{
	uint64_t start = rdtsc();

	for (unsigned i = 0; i < 16; i++) {
		*state = *state * 6364136223846793005ull + 1442695040888963407ull;
		memory[*state >> 32 & (JITTER_MEMORY_WORDS - 1)] ^= *state;
	}
	return (uint32_t)(rdtsc() - start);
}

static void random_collect_samples(random_sink sink, unsigned samples,
				   uint32_t (*sample)(uint64_t *memory, uint64_t *state))
{
	uint64_t memory[JITTER_MEMORY_WORDS] = {0};
	uint32_t deltas[JITTER_BATCH];
	uint64_t state = rdtsc();

	for (unsigned done = 0; done < samples; done += JITTER_BATCH) {
		for (unsigned i = 0; i < JITTER_BATCH; i++)
			deltas[i] = sample(memory, &state);
		sink(deltas, sizeof(deltas), random_jitter_bits(deltas, JITTER_BATCH));
	}
}

void random_collect_jitter(random_sink sink)
{
	random_collect_samples(sink, JITTER_SAMPLES, random_jitter_sample);
}

void random_collect_ports(random_sink sink)
{
	random_collect_samples(sink, JITTER_SAMPLES, random_port_sample);
}

static void random_collect_hardware(random_sink sink)
{
	if (cpu_has(CPU_RDSEED))
		random_collect_cpu(sink, cpu_rdseed);
	if (cpu_has(CPU_RDRAND))
		random_collect_cpu(sink, cpu_rdrand);
}

void random_collect_again(random_sink sink)
{
	random_collect_hardware(sink);
	random_collect_samples(sink, JITTER_BATCH, random_jitter_sample);
}

void random_collect(random_sink sink)
{
	const struct boot_info *info = boot_info();
	uint8_t nonce[MARKER_NONCE_BYTES];
	size_t len;

	if (info->entropy_len)
		sink(info->entropy, info->entropy_len, info->entropy_len * 8);
	if (fw_cfg_read("opt/org.bartizan/nonce", nonce, sizeof(nonce), &len) == OK)
		sink(nonce, len, (unsigned)len * 8);
	random_collect_hardware(sink);
	random_collect_jitter(sink);
}
