/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M4-16: each structure that a call takes is read from user memory once, however the call ends.
 * What is read twice could be another thing the second time.
 */
#include "selftest/user/service.h"
#include "selftest/user/signals.h"

#define SYS_poll              7
#define SYS_ioctl             16
#define SYS_readv             19
#define SYS_writev            20
#define SYS_select            23
#define SYS_setitimer         38
#define SYS_sendfile          40
#define SYS_setgroups         116
#define SYS_rt_sigqueueinfo   129
#define SYS_setrlimit         160
#define SYS_timer_create      222
#define SYS_timer_settime     223
#define SYS_clock_nanosleep   230
#define SYS_pselect6          270
#define SYS_utimensat         280
#define SYS_rt_tgsigqueueinfo 297
#define SYS_prlimit64         302
#define SYS_clone3            435

#define AT_FDCWD    (-100l)
#define TCSETS      0x5402
#define TIOCSWINSZ  0x5414
#define RLIMIT_CORE 4
#define FEW         3
#define MANY        20 /* more than the kernel keeps on its stack */

struct vector {
	uint64_t base, len;
};

struct poll_fd {
	int32_t fd;
	int16_t events, revents;
};

static const uint64_t no_time[2];
static const uint64_t no_event[8];
static const uint64_t queued[6] = {0, 0xffffffff}; /* SI_QUEUE */
static const uint64_t set_of_signals[1];
static const uint64_t times[4];
static const uint64_t stack_off[3] = {0, 2 /* SS_DISABLE */, 0};
static const uint64_t action[4] = {SIG_DFL, SA_RESTORER};
static const uint64_t mask_argument[2] = {(uint64_t)(uintptr_t)set_of_signals, 8};
static uint64_t limit[2], old_limit[2], offset[1];
static uint64_t sets[3][1], clone_arguments[8] = {1}; /* CLONE_NEWTIME: refused */
static uint64_t window[1];
static uint32_t groups[4];
static uint8_t termios[36];
static struct vector vectors[MANY];
static struct poll_fd polled[MANY];

#define ADDR(object) ((long)(uintptr_t)(object))

/* The call reads user memory @expected times; what it answers is not the question. */
static void reads(long expected, long nr, const long *arguments)
{
	long before = service(FETCHES, 0);

	sys6(nr, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
	     arguments[5]);
	CHECK(service(FETCHES, 0) - before == expected);
}

#define READS(expected, nr, ...) reads((expected), (nr), (const long[6]){__VA_ARGS__})

static void time_and_signals(void)
{
	READS(1, SYS_nanosleep, ADDR(no_time));
	READS(1, SYS_clock_nanosleep, 1, 0, ADDR(no_time));
	READS(1, SYS_setitimer, 0, ADDR(times));
	READS(1, SYS_utimensat, AT_FDCWD, ADDR("/no such file"), ADDR(times));
	READS(1, SYS_rt_sigaction, SIGUSR1, ADDR(action), 0, 8);
	READS(1, SYS_rt_sigprocmask, SIG_BLOCK, ADDR(set_of_signals), 0, 8);
	READS(2, SYS_rt_sigtimedwait, ADDR(set_of_signals), 0, ADDR(no_time), 8);
	READS(1, SYS_sigaltstack, ADDR(stack_off));
	READS(1, SYS_timer_create, 1, ADDR(no_event), 0);
	READS(1, SYS_timer_settime, 0, 0, ADDR(times));
	READS(1, SYS_rt_sigqueueinfo, 32000, 0, ADDR(queued));
	READS(1, SYS_rt_tgsigqueueinfo, 32000, 32000, 0, ADDR(queued));
}

static void waits(void)
{
	for (long i = 0; i < MANY; i++)
		polled[i].fd = -1;
	READS(1, SYS_poll, ADDR(polled), FEW);
	READS(1, SYS_poll, ADDR(polled), MANY);
	READS(3, SYS_ppoll, ADDR(polled), FEW, ADDR(no_time), ADDR(set_of_signals), 8);
	READS(4, SYS_select, 1, ADDR(sets[0]), ADDR(sets[1]), ADDR(sets[2]), ADDR(no_time));
	READS(6, SYS_pselect6, 1, ADDR(sets[0]), ADDR(sets[1]), ADDR(sets[2]), ADDR(no_time),
	      ADDR(mask_argument));
}

static void vectors_and_files(void)
{
	READS(1, SYS_readv, 0, ADDR(vectors), FEW);
	READS(1, SYS_readv, 0, ADDR(vectors), MANY);
	READS(1, SYS_writev, 1, ADDR(vectors), FEW);
	READS(1, SYS_writev, 1, ADDR(vectors), MANY);
	long fd = sys3(SYS_open, ADDR("/dev/null"), O_RDWR, 0);
	CHECK(fd >= 0);
	READS(1, SYS_sendfile, fd, fd, ADDR(offset), 1);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
}

static void limits_and_groups(void)
{
	READS(1, SYS_setrlimit, RLIMIT_CORE, ADDR(limit));
	READS(1, SYS_prlimit64, 0, RLIMIT_CORE, ADDR(limit), ADDR(old_limit));
	READS(1, SYS_setgroups, 4, ADDR(groups));
	READS(0, SYS_setgroups, 0, 0);
	READS(1, SYS_clone3, ADDR(clone_arguments), sizeof(clone_arguments));
}

static void controls(void)
{
	long fd = sys3(SYS_open, ADDR("/dev/console"), O_RDWR, 0);

	CHECK(fd >= 0);
	READS(1, SYS_ioctl, fd, TIOCSWINSZ, ADDR(window));
	CHECK(sys3(SYS_ioctl, fd, 0x5401 /* TCGETS */, ADDR(termios)) == 0);
	READS(1, SYS_ioctl, fd, TCSETS, ADDR(termios));
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	time_and_signals();
	waits();
	vectors_and_files();
	limits_and_groups();
	controls();
}
