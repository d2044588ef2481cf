/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measuring: every operation runs in a child of its own, so that a crash or a hang costs one line
 * and not the run.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#include "user/bench/bench.h"

enum {
	BATCHES = 15,
	WARMUP = 3,
	BATCH_TICKS = 500 * 1000, /* a batch should fit well between two timer ticks */
	MAX_ITERATIONS = 2000,
};
static const uint64_t OP_LIMIT_TICKS = 10ull * 1000 * 1000 * 1000;
static const long POLL_NS = 20L * 1000 * 1000;

struct state st;
uint8_t buffer[64 * KIB] __attribute__((aligned(4096)));
const char work_file[] = "/tmp/bench.file";
char tiny_path[256] = "/tiny";
char musl_path[256] = "/tiny-musl";

void say(const char *name, const char *what, uint64_t value)
{
	char line[128];
	int len =
		snprintf(line, sizeof(line), "%s%s %llu\n", name, what, (unsigned long long)value);
	sys_write(1, line, (size_t)len);
}

static int64_t best_of(int64_t (*run)(unsigned n), unsigned n, int batches)
{
	int64_t best = INT64_MAX;
	for (int i = 0; i < batches; i++) {
		int64_t ticks = run(n);
		TRY(ticks);
		if (ticks < best)
			best = ticks;
	}
	return best;
}

/* Hundredths of an instruction for one operation, or a negated errno. */
static int64_t measure(const struct op *op)
{
	unsigned max = op->max ? op->max : MAX_ITERATIONS;
	unsigned per_run = op->per_run ? op->per_run : 1;

	if (op->setup)
		TRY(op->setup(op->arg));
	TRY(op->run(1));
	int64_t once = best_of(op->run, 4, WARMUP) / 4;
	TRY(once);
	unsigned n = max;
	if (once > BATCH_TICKS / max)
		n = once < BATCH_TICKS ? (unsigned)(BATCH_TICKS / once) : 1;
	TRY(best_of(op->run, n, WARMUP));
	int64_t ticks = best_of(op->run, n, BATCHES);
	TRY(ticks);
	ticks -= best_of(run_nothing, n, WARMUP);
	return ticks < 0 ? 0 : ticks * 100 / n / per_run;
}

/* Leaves nothing open: partners and children of an operation go when their pipes close. */
static void clean_up(const struct op *op)
{
	if (op->teardown)
		op->teardown();
	for (int fd = 3; fd < 1024; fd++)
		sys_close(fd);
	while (sys_wait(-1, NULL, 0) > 0)
		;
}

/* Measures and reports one operation; whether it is supported. */
static int report(const struct op *op)
{
	char name[64];
	int64_t hundredths = measure(op);

	clean_up(op);
	snprintf(name, sizeof(name), "BENCH %s", op->name);
	if (hundredths < 0)
		say(name, " unsupported", (uint64_t)-hundredths);
	else
		say(name, "", (uint64_t)(hundredths + 50) / 100);
	return hundredths >= 0;
}

long nap(void)
{
	struct timespec time = {.tv_nsec = POLL_NS};
	return sys3(SYS_nanosleep, (long)&time, 0, 0);
}

/* A child's wait status, or -1 after the limit; without nanosleep there is no limit. */
static int wait_limited(long pid, uint64_t limit)
{
	int status = 0;
	uint64_t start = rdtsc();

	while (sys_wait(pid, &status, WNOHANG) == 0) {
		if (rdtsc() - start > limit)
			return -1;
		if (nap() < 0)
			return sys_wait(pid, &status, 0) < 0 ? -1 : status;
	}
	return status;
}

/* One operation, in a child where there are processes; whether it is supported. */
int measure_guarded(const struct op *op)
{
	char name[64];
	long pid = sys_wait(-1, NULL, WNOHANG);

	if (pid != -ENOSYS)
		pid = sys_fork();
	if (pid < 0)
		return report(op);
	if (pid == 0) {
		sys3(SYS_setpgid, 0, 0, 0);
		sys_exit(report(op) ? 0 : 1);
	}
	snprintf(name, sizeof(name), "BENCH %s", op->name);
	int status = wait_limited(pid, OP_LIMIT_TICKS);
	if (status < 0)
		say(name, " timeout", OP_LIMIT_TICKS);
	else if (WIFSIGNALED(status))
		say(name, " crashed", (uint64_t)WTERMSIG(status));
	sys3(SYS_kill, -pid, SIGKILL, 0);
	if (status < 0) {
		sys3(SYS_kill, pid, SIGKILL, 0);
		wait_limited(pid, OP_LIMIT_TICKS / 10);
	}
	nap(); /* lets the console drain and orphans leave before the next operation */
	while (sys_wait(-1, NULL, WNOHANG) > 0)
		;
	return status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
