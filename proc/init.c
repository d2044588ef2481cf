/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/init.h"

#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "kernel/core/cmdline.h"
#include "kernel/core/log.h"
#include "kernel/core/panic.h"
#include "proc/process.h"
#include "proc/procfs_process.h"
#include "proc/spawn.h"
#include "proc/vdso.h"

#define INIT_WORDS_MAX 32
#define INIT_TEXT_MAX  CMDLINE_MAX

/* The boot words that are the kernel's own; all others are init's, as on Linux. */
static const char *const kernel_words[] = {
	"init",        "selftest", "selftest.scale", "marker", "wx",
	"mitigations", "pti",      "spectre_v2",     "mds",    "spec_store_bypass_disable",
	"nokaslr",     "loglevel", "quiet",
};

static const char *const candidates[] = {"/init", "/sbin/init", "/etc/init", "/bin/init",
					 "/bin/sh"};

/* Arguments and environment of PID 1, cut out of the command line. */
struct init_words {
	const char *argv[INIT_WORDS_MAX + 2];
	const char *envp[INIT_WORDS_MAX + 3];
	size_t argc;
	size_t envc;
	char text[INIT_TEXT_MAX];
	size_t used;
	size_t left_out;
};

static const char *keep_word(struct init_words *words, const struct cmdline_word *word)
{
	size_t need = word->name_len + word->value_len + 2;
	char *at = words->text + words->used;

	if (need > sizeof(words->text) - words->used)
		return NULL;
	memcpy(at, word->name, word->name_len);
	if (word->value) {
		at[word->name_len] = '=';
		memcpy(at + word->name_len + 1, word->value, word->value_len);
		at[word->name_len + 1 + word->value_len] = 0;
	} else {
		at[word->name_len] = 0;
	}
	words->used += need;
	return at;
}

static void add_word(struct init_words *words, const struct cmdline_word *word)
{
	size_t *count = word->value ? &words->envc : &words->argc;

	const char *text = *count < INIT_WORDS_MAX ? keep_word(words, word) : NULL;
	words->left_out += text == NULL;
	if (text)
		*(word->value ? &words->envp[words->envc] : &words->argv[words->argc]) = text;
	*count += text != NULL;
}

static void collect_words(struct init_words *words, const char *cmdline)
{
	struct cmdline at;
	struct cmdline_word word;

	words->argv[words->argc++] = "init";
	words->envp[words->envc++] = "HOME=/";
	words->envp[words->envc++] = "TERM=linux";
	cmdline_begin(&at, cmdline);
	while (cmdline_next_for_init(&at, kernel_words, ARRAY_SIZE(kernel_words), &word))
		add_word(words, &word);
	if (words->left_out)
		log_warn("init", "%lu boot words are left out: init gets %u at most",
			 words->left_out, INIT_WORDS_MAX);
}

static enum err start(const char *path, struct init_words *words)
{
	struct process *process;

	words->argv[0] = path;
	pid_restart();
	return process_spawn_path(path, words->argv, words->envp, PROCESS_INIT, &process);
}

/* What the kernel thread needs once the command line is gone with the rest of boot. */
static struct init_words init_words;
static char init_path[CMDLINE_MAX];

void proc_prepare_init(const char *cmdline)
{
	collect_words(&init_words, cmdline);
	if (!cmdline_value(cmdline, "init", init_path, sizeof(init_path)))
		init_path[0] = 0;
}

enum err proc_start_init(void)
{
	enum err err = ERR_NOENT;

	if (init_path[0]) {
		err = start(init_path, &init_words);
		if (err != OK)
			log_err("init", "%s: %s", init_path, err_text(err));
		return err;
	}
	for (size_t i = 0; err == ERR_NOENT && i < ARRAY_SIZE(candidates); i++) {
		err = start(candidates[i], &init_words);
		if (err != OK && err != ERR_NOENT)
			log_err("init", "%s: %s", candidates[i], err_text(err));
	}
	if (err == ERR_NOENT)
		log_err("init", "no program to start: none of /init, /sbin/init, /bin/sh is there");
	return err;
}

void proc_init(void)
{
	if (vdso_init() != OK)
		panic("vdso: no memory");
	if (deferred_timers_init() != OK)
		panic("timers: no memory");
	procfs_process_init();
}
