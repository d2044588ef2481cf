/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attack [--colour] [--list] [SUBJECT…]: every attack whose name begins with a SUBJECT, one line
 * each: verdict, name | what happened | which protection stopped it. Started by root it attacks as
 * user 1000. Exit status: 0 all held and nothing was lost, 1 not.
 */
#include <grp.h>
#include <time.h>

#include "user/attack/attack.h"

#define ATTACKER  1000
#define SLACK_KIB 2048 /* slabs that are not quite empty, and what each CPU keeps */
#define GROWN_KIB 256  /* what each CPU keeps of them, and the programs that live on have touched */

static const struct attack *const subjects[] = {
	privileged_attacks, flags_attacks,      segments_attacks, frames_attacks,
	memory_attacks,     pointers_attacks,   others_attacks,   elf_attacks,
	timing_attacks,     exhaustion_attacks, flood_attacks,
};

const char *self_path = "/proc/self/exe";
static bool colour;
static int held, broken, shown;

/* '*' in the pattern stands for any text. */
static bool matches(const char *pattern, const char *text)
{
	for (; *pattern && *pattern != '*'; pattern++, text++)
		if (*pattern != *text)
			return false;
	if (!*pattern)
		return !*text;
	for (; *text; text++)
		if (matches(pattern + 1, text))
			return true;
	return matches(pattern + 1, text);
}

static bool chosen(const struct attack *attack, char **words)
{
	if (!*words)
		return true;
	for (; *words; words++)
		if (!strncmp(attack->name, *words, strlen(*words)))
			return true;
	return false;
}

/* A program that is executed, and a pipe that brings its answer. */
static bool alive(void)
{
	char answer[8] = "";
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return false;
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		execl(self_path, "attack", "--alive", (char *)NULL);
		_exit(1);
	}
	close(ends[1]);
	status = status_of(pid);
	ssize_t n = read(ends[0], answer, sizeof(answer));
	close(ends[0]);
	return status == 0 && n == 6 && !memcmp(answer, "alive\n", 6);
}

static void print_line(const char *verdict, const char *paint, const struct attack *attack,
		       const char *happened, const char *by)
{
	printf("%s%-6s%s %-28s | %-44s | %s\n", colour ? paint : "", verdict, colour ? "\e[0m" : "",
	       attack->name, happened, by);
	fflush(stdout);
}

static void judge(const struct attack *attack)
{
	const char *linux_too = on_bartizan() ? NULL : attack->on_linux;
	const char *expected = linux_too ? linux_too : attack->expect;
	const char *happened = attack_outcome(attack);

	if (attack->shown_only) {
		shown++;
		print_line("shown", "\e[33m", attack, happened, attack->by);
	} else if (matches(expected, happened)) {
		held++;
		print_line("held", "\e[32m", attack, happened, attack->by);
	} else {
		broken++;
		print_line("BROKEN", "\e[1;31m", attack, happened, attack->by);
		printf("       expected: %s\n", expected);
	}
	if (!alive()) {
		broken++;
		print_line("BROKEN", "\e[1;31m", attack, "the machine runs no programs",
			   attack->by);
	}
}

static void run_chosen(char **words)
{
	for (size_t i = 0; i < COUNT_OF(subjects); i++)
		for (const struct attack *attack = subjects[i]; attack->name; attack++)
			if (chosen(attack, words))
				judge(attack);
}

static void list(char **words)
{
	for (size_t i = 0; i < COUNT_OF(subjects); i++)
		for (const struct attack *attack = subjects[i]; attack->name; attack++)
			if (chosen(attack, words))
				puts(attack->name);
}

/* What must not have grown afterwards. */
static const char *const counted[] = {"AnonPages:", "Cached:", "PageTables:", "Committed_AS:"};
#define COUNTED COUNT_OF(counted)

struct figures {
	long values[COUNTED], free, tasks;
};

static struct figures take_figures(void)
{
	struct figures figures = {.free = meminfo("MemFree:")};
	const char *tasks = strchr(text_of("/proc/loadavg"), '/');

	figures.tasks = tasks ? atol(tasks + 1) : 0;
	for (size_t i = 0; i < COUNTED; i++)
		figures.values[i] = meminfo(counted[i]);
	return figures;
}

static bool has_grown(const struct figures *before, const struct figures *after)
{
	bool grown = after->tasks > before->tasks || after->free < before->free - SLACK_KIB;

	for (size_t i = 0; i < COUNTED; i++)
		grown |= after->values[i] > before->values[i] + GROWN_KIB;
	return grown;
}

static void print_figures(const char *when, const struct figures *figures)
{
	printf("%s: MemFree: %ld, tasks: %ld", when, figures->free, figures->tasks);
	for (size_t i = 0; i < COUNTED; i++)
		printf(", %s %ld", counted[i], figures->values[i]);
	puts("");
}

/* The dead leave by and by: what is theirs is looked for until it is gone, or never goes. */
static bool something_lost(const struct figures *before)
{
	struct timespec pause = {.tv_nsec = 20000000};
	struct figures after = take_figures();

	for (int i = 0; i < 250 && has_grown(before, &after); i++) {
		nanosleep(&pause, NULL);
		after = take_figures();
	}
	if (!has_grown(before, &after))
		return false;
	print_figures("before", before);
	print_figures("after ", &after);
	return true;
}

static void drop_rights(void)
{
	if (getuid())
		return;
	if (setgroups(0, NULL) || setgid(ATTACKER) || setuid(ATTACKER)) {
		perror("attack: setuid");
		_exit(2);
	}
}

static void sum_up(void)
{
	printf("%d attacks: %d held, %d BROKEN, %d shown; the kernel was alive after each\n",
	       held + broken + shown, held, broken, shown);
	fflush(stdout);
	_exit(broken != 0);
}

static int attack(char **words)
{
	struct figures before;
	bool lost, failed;
	pid_t pid;

	alive();
	before = take_figures();
	pid = fork();
	if (pid == 0) {
		drop_rights();
		umask(077);
		run_chosen(words);
		sum_up();
	}
	failed = status_of(pid) != 0;
	lost = on_bartizan() && something_lost(&before);
	printf("%s\n", lost ? "accounting: something was LOST"
			    : "accounting: memory and tasks are what they were before");
	return failed || lost;
}

int main(int argc, char **argv)
{
	bool listing = false;

	for (argv++; argc > 1 && *argv && **argv == '-'; argv++) {
		if (!strcmp(*argv, "--alive"))
			return puts("alive") < 0;
		colour |= !strcmp(*argv, "--colour");
		listing |= !strcmp(*argv, "--list");
	}
	if (listing) {
		list(argv);
		return 0;
	}
	return attack(argv);
}
