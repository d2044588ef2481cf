/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/mitigations.h"

#include "kernel/lib/string.h"

#include "kernel/core/cmdline.h"
#include "kernel/core/log.h"
#include "kernel/x86/mitigate.h"

/* An unknown word is said and changes nothing. */
static enum choice read_choice(const char *cmdline, const char *name)
{
	char word[8];

	if (!cmdline_value(cmdline, name, word, sizeof(word)) || strcmp(word, "auto") == 0)
		return CHOICE_AUTO;
	if (strcmp(word, "on") == 0)
		return CHOICE_ON;
	if (strcmp(word, "off") == 0)
		return CHOICE_OFF;
	log_warn("boot", "%s= is auto, on or off: auto", name);
	return CHOICE_AUTO;
}

void mitigations_begin(const char *cmdline)
{
	const struct bug_words words = {
		.all_off = read_choice(cmdline, "mitigations") == CHOICE_OFF,
		.pti = read_choice(cmdline, "pti"),
		.spectre_v2 = read_choice(cmdline, "spectre_v2"),
		.mds = read_choice(cmdline, "mds"),
		.ssbd = read_choice(cmdline, "spec_store_bypass_disable"),
	};

	mitigate_init(&words);
}
