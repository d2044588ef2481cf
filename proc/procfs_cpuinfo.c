/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/cpuinfo, from CPUID: SDM vol 2A; AMD APM vol 3, appendix E. */
#include "kernel/lib/string.h"

#include "kernel/core/time.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/cpus.h"
#include "proc/procfs_internal.h"

#define LEAF_BASIC    0x1u
#define LEAF_FEATURES 0x7u
#define LEAF_EXTENDED 0x80000001u
#define LEAF_BRAND    0x80000002u
#define LEAF_SIZES    0x80000008u
#define BRAND_BYTES   48u

/* Linux's names, from bit 0 on; "" for what has none. */
static const char *const basic_edx[32] = {
	"fpu",  "vme",  "de",   "pse", "tsc",  "msr", "pae",   "mce", "cx8",     "apic", "",
	"sep",  "mtrr", "pge",  "mca", "cmov", "pat", "pse36", "pn",  "clflush", "",     "dts",
	"acpi", "mmx",  "fxsr", "sse", "sse2", "ss",  "ht",    "tm",  "ia64",    "pbe"};
static const char *const basic_ecx[32] = {
	"pni",    "pclmulqdq", "dtes64", "monitor", "ds_cpl",
	"vmx",    "smx",       "est",    "tm2",     "ssse3",
	"cid",    "sdbg",      "fma",    "cx16",    "xtpr",
	"pdcm",   "",          "pcid",   "dca",     "sse4_1",
	"sse4_2", "x2apic",    "movbe",  "popcnt",  "tsc_deadline_timer",
	"aes",    "xsave",     "",       "avx",     "f16c",
	"rdrand", "hypervisor"};
static const char *const extended_edx[32] = {
	[11] = "syscall", [20] = "nx",     [22] = "mmxext", [25] = "fxsr_opt",
	[26] = "pdpe1gb", [27] = "rdtscp", [29] = "lm"};
static const char *const extended_ecx[32] = {
	[0] = "lahf_lm", [2] = "svm", [5] = "abm", [6] = "sse4a", [8] = "3dnowprefetch"};
static const char *const features_ebx[32] = {
	[0] = "fsgsbase", [3] = "bmi1",        [5] = "avx2",     [7] = "smep",    [8] = "bmi2",
	[9] = "erms",     [10] = "invpcid",    [16] = "avx512f", [18] = "rdseed", [19] = "adx",
	[20] = "smap",    [23] = "clflushopt", [24] = "clwb",    [29] = "sha_ni"};
static const char *const features_ecx[32] = {
	[2] = "umip", [3] = "pku", [16] = "la57", [22] = "rdpid"};

static void print_flags(struct procfs_text *text, uint32_t bits, const char *const names[32])
{
	for (unsigned i = 0; i < 32; i++)
		if (bits >> i & 1 && names[i] && names[i][0])
			procfs_print(text, " %s", names[i]);
}

static void print_all_flags(struct procfs_text *text)
{
	struct cpuid_regs basic = cpuid(LEAF_BASIC, 0), extended = cpuid(LEAF_EXTENDED, 0);
	struct cpuid_regs features = {0};

	if (cpuid(0, 0).eax >= LEAF_FEATURES)
		features = cpuid(LEAF_FEATURES, 0);
	procfs_print(text, "flags\t\t:");
	print_flags(text, basic.edx, basic_edx);
	print_flags(text, extended.edx, extended_edx);
	print_flags(text, basic.ecx, basic_ecx);
	print_flags(text, extended.ecx, extended_ecx);
	print_flags(text, features.ebx, features_ebx);
	print_flags(text, features.ecx, features_ecx);
	procfs_print(text, "\n");
}

static void read_brand(char brand[BRAND_BYTES + 1])
{
	memset(brand, 0, BRAND_BYTES + 1);
	if (cpuid(0x80000000u, 0).eax < LEAF_BRAND + 2)
		return;
	for (unsigned i = 0; i < 3; i++) {
		struct cpuid_regs part = cpuid(LEAF_BRAND + i, 0);
		const uint32_t words[4] = {part.eax, part.ebx, part.ecx, part.edx};

		memcpy(brand + 16ul * i, words, sizeof(words));
	}
}

/* The family and model as people count them: SDM vol 2A, CPUID, figure 3-6. */
static void print_signature(struct procfs_text *text, uint32_t signature)
{
	uint32_t family = signature >> 8 & 15, model = signature >> 4 & 15;

	if (family == 6 || family == 15)
		model |= signature >> 12 & 0xf0;
	if (family == 15)
		family += signature >> 20 & 0xff;
	procfs_print(text, "cpu family\t: %u\nmodel\t\t: %u\n", family, model);
}

/* All have the features of the first: no other takes part. Which share a core is not looked at. */
static void print_cpu(struct procfs_text *text, const struct cpu *cpu, const char *name)
{
	uint32_t signature = cpuid(LEAF_BASIC, 0).eax, sizes = cpuid(LEAF_SIZES, 0).eax;
	uint64_t khz = time_scale.tsc_hz / 1000;
	unsigned count = cpu_count();

	procfs_print(text, "processor\t: %u\nvendor_id\t: %s\n", cpu->id, cpu_vendor());
	print_signature(text, signature);
	procfs_print(text, "model name\t: %s\nstepping\t: %u\n", name, signature & 15);
	procfs_print(text, "cpu MHz\t\t: %lu.%03lu\n", (uint64_t)(khz / 1000),
		     (uint64_t)(khz % 1000));
	procfs_print(text, "physical id\t: 0\nsiblings\t: %u\ncore id\t\t: %u\ncpu cores\t: %u\n",
		     count, cpu->id, count);
	procfs_print(text, "apicid\t\t: %u\n", cpu->apic_id);
	procfs_print(text, "fpu\t\t: yes\nfpu_exception\t: yes\nwp\t\t: yes\n");
	print_all_flags(text);
	procfs_print(text, "address sizes\t: %u bits physical, %u bits virtual\n\n", sizes & 255,
		     sizes >> 8 & 255);
}

enum err procfs_show_cpuinfo(struct procfs_text *text, const struct procfs_subject *subject)
{
	char brand[BRAND_BYTES + 1];
	const char *name = brand;

	(void)subject;
	read_brand(brand);
	while (*name == ' ')
		name++;
	for_each_cpu(id, READ_ONCE(cpus_online)) print_cpu(text, cpu_at((unsigned)id), name);
	return OK;
}
