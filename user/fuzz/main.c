/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz [--seed S] [--calls N] [--processes P] [--root] [--feedback] [--places FILE]
 *      [--batch B] [--trace]
 *
 * Random system calls by P processes at once, as user 1000 or as root. A batch follows from the
 * seed and its number: --batch B makes its calls alone, --trace writes each before it is made. With
 * --feedback it follows from what others have found, too.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "user/fuzz/fuzz.h"

#define SIDE_BY_SIDE_MAX 16
#define PATIENCE_NS      400000000L

struct options options = {.seed = 1, .calls = 100000, .only = -1, .side_by_side = 4};
static const char *places_path;
static uint64_t batches, killed;

struct running {
	pid_t pid;
	struct timespec since;
};
static struct running running[SIDE_BY_SIDE_MAX];

static long age_ns(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - since->tv_sec) * 1000000000L + now.tv_nsec - since->tv_nsec;
}

static void start(unsigned slot)
{
	uint64_t number = options.only >= 0 ? (uint64_t)options.only : batches;

	batches++;
	clock_gettime(CLOCK_MONOTONIC, &running[slot].since);
	running[slot].pid = fork();
	if (running[slot].pid == 0)
		run_batch(number, slot);
}

/* Whoever it is: children of the fuzzed processes come to the subreaper nobody has asked for. */
static void ended(pid_t pid)
{
	for (unsigned slot = 0; slot < options.side_by_side; slot++)
		if (running[slot].pid == pid) {
			kill(-pid, SIGKILL);
			running[slot].pid = 0;
		}
}

static void end_the_slow(void)
{
	for (unsigned slot = 0; slot < options.side_by_side; slot++)
		if (running[slot].pid > 0 && age_ns(&running[slot].since) > PATIENCE_NS) {
			killed++;
			kill(-running[slot].pid, SIGKILL);
			kill(running[slot].pid, SIGKILL);
			clock_gettime(CLOCK_MONOTONIC, &running[slot].since);
		}
}

static unsigned count_running(void)
{
	unsigned count = 0;

	for (unsigned slot = 0; slot < options.side_by_side; slot++)
		count += running[slot].pid > 0;
	return count;
}

static bool enough(void)
{
	return options.only >= 0 ? batches > 0 : shared->calls >= options.calls;
}

static void run_all(void)
{
	const struct timespec patience = {.tv_nsec = 50000000};
	sigset_t child;
	pid_t pid;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	while (!enough() || count_running()) {
		for (unsigned slot = 0; slot < options.side_by_side && !enough(); slot++)
			if (running[slot].pid <= 0)
				start(slot);
		sigtimedwait(&child, NULL, &patience);
		while ((pid = waitpid(-1, NULL, WNOHANG | __WALL)) > 0)
			ended(pid);
		end_the_slow();
	}
}

static bool take_option(char **word, char *value)
{
	if (!strcmp(*word, "--seed"))
		options.seed = strtoull(value, NULL, 0);
	else if (!strcmp(*word, "--calls"))
		options.calls = strtoull(value, NULL, 0);
	else if (!strcmp(*word, "--processes"))
		options.side_by_side = (unsigned)atoi(value) % (SIDE_BY_SIDE_MAX + 1);
	else if (!strcmp(*word, "--batch"))
		options.only = atol(value);
	else if (!strcmp(*word, "--places"))
		places_path = value;
	else
		return false;
	return true;
}

static void read_words(char **words)
{
	for (; *words; words++) {
		options.as_root |= !strcmp(*words, "--root");
		options.trace |= !strcmp(*words, "--trace");
		options.feedback |= !strcmp(*words, "--feedback");
		if (words[1] && take_option(words, words[1]))
			words++;
	}
}

int main(int argc, char **argv)
{
	(void)argc;
	read_words(argv + 1);
	umask(0);
	mkdir("/tmp/fuzz", 0777);
	if (getuid() || !feedback_begin())
		return 2;
	printf("fuzz: seed %lu, as %s, %u processes\n", options.seed,
	       options.as_root ? "root" : "user 1000", options.side_by_side);
	fflush(stdout);
	run_all();
	printf("fuzz: %lu calls, %lu refused, %lu batches, %lu ended late\n", shared->calls,
	       shared->errors, batches, killed);
	if (shared->places)
		printf("fuzz: %u places, %u edges, %u inputs kept\n", shared->places, shared->edges,
		       shared->kept);
	if (places_path)
		print_places(places_path);
	return 0;
}
