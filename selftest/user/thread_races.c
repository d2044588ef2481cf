/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two threads of one process: what one takes away while the other is inside a call. P-M12-06: a
 * descriptor that is closed or replaced lives until the call ends. P-M4-10: memory that is
 * unmapped, protected or moved during a copy: the whole copy or EFAULT, and nothing else is
 * written.
 */
#include "selftest/user/service.h"
#include "selftest/user/threads.h"

#define SYS_ioctl      16
#define SYS_dup2       33
#define FIONREAD       0x541b
#define EBADF          9
#define EPIPE          32
#define PIPE_BYTES     65536
#define MORE           4096
#define MAP_SHARED     1
#define MREMAP_MAYMOVE 1
#define MREMAP_FIXED   2
#define RACE_PAGES     3
#define RACE_ROUNDS    300

static struct thread other;
static int ends[2];
static uint8_t bytes[PIPE_BYTES + MORE];
static long from_other;

static void make_pipe(void)
{
	CHECK(sys3(SYS_pipe2, (long)ends, 0, 0) == 0);
}

static void writes(long at)
{
	from_other = sys3(SYS_write, ends[1], at, sizeof(bytes));
}

/* Returns when the other thread is inside its write: the pipe is full, and it has more. */
static void start_writer(const uint8_t *from)
{
	int32_t used = 0;

	CHECK(thread_start(&other, writes, (long)from) > 0);
	while (used != PIPE_BYTES) {
		sys0(SYS_sched_yield);
		CHECK(sys3(SYS_ioctl, ends[0], FIONREAD, (long)&used) == 0);
	}
}

static long drain(int fd)
{
	static uint8_t to[PIPE_BYTES];
	long total = 0, got;

	while ((got = sys3(SYS_read, fd, (long)to, sizeof(to))) > 0) {
		total += got;
		if (total >= (long)sizeof(bytes))
			break;
	}
	return total;
}

/* The end that is written to is closed, or becomes another pipe, while somebody writes to it. */
static void close_under_writer(int replace)
{
	int fresh[2] = {-1, -1}, write_end;
	int32_t used = -1;

	make_pipe();
	write_end = ends[1];
	start_writer(bytes);
	if (replace) {
		CHECK(sys3(SYS_pipe2, (long)fresh, 0, 0) == 0);
		CHECK(sys3(SYS_dup2, fresh[1], write_end, 0) == write_end);
	} else {
		CHECK(sys3(SYS_close, write_end, 0, 0) == 0);
	}
	CHECK(drain(ends[0]) == (long)sizeof(bytes));
	thread_join(&other);
	CHECK(from_other == (long)sizeof(bytes));
	/* Behind the call the old pipe has no writer any more, and nothing went to the new one. */
	CHECK(drain(ends[0]) == 0);
	if (replace) {
		CHECK(sys3(SYS_ioctl, fresh[0], FIONREAD, (long)&used) == 0 && used == 0);
		CHECK(sys3(SYS_close, write_end, 0, 0) == 0);
		CHECK(sys3(SYS_close, fresh[0], 0, 0) == 0 && sys3(SYS_close, fresh[1], 0, 0) == 0);
	}
	CHECK(sys3(SYS_write, write_end, (long)bytes, 1) == -EBADF);
	CHECK(sys3(SYS_close, ends[0], 0, 0) == 0);
}

static volatile uint32_t is_reading;

static void reads(long at)
{
	is_reading = 1;
	from_other = sys3(SYS_read, ends[0], at, 8);
}

static void start_reader(void *to)
{
	is_reading = 0;
	CHECK(thread_start(&other, reads, (long)to) > 0);
	await_change(&is_reading, 0);
	sys0(SYS_sched_yield);
}

/* True when the read had begun before the descriptor went. */
static int close_under_reader(void)
{
	static uint64_t to;
	long result, wrote;

	make_pipe();
	to = 0;
	start_reader(&to);
	CHECK(sys3(SYS_close, ends[0], 0, 0) == 0);
	wrote = sys3(SYS_write, ends[1], (long)"12345678", 8);
	thread_join(&other);
	result = from_other;
	CHECK(result == -EBADF ? wrote == -EPIPE : result == 8 && wrote == 8 && (to & 0xff) == '1');
	CHECK(sys3(SYS_write, ends[1], (long)"1", 1) == -EPIPE);
	CHECK(sys3(SYS_close, ends[1], 0, 0) == 0);
	return result == 8;
}

/* --- memory --- */

enum change { UNMAP, PROTECT, MOVE, REPLACE, CHANGES };

static uint8_t *map(uint64_t len)
{
	uint8_t *at = sys_mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);

	CHECK(!mmap_failed(at));
	return at;
}

/* Takes the page away; where it is then, or NULL. */
static uint8_t *take_away(uint8_t *page, enum change how)
{
	uint8_t *place;

	switch (how) {
	case UNMAP:
		CHECK(sys3(SYS_munmap, (long)page, PAGE, 0) == 0);
		return NULL;
	case PROTECT:
		CHECK(sys3(SYS_mprotect, (long)page, PAGE, 0) == 0);
		return NULL;
	case MOVE:
		place = map(PAGE);
		CHECK(sys6(SYS_mremap, (long)page, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			   (long)place, 0) == (long)place);
		return place;
	case REPLACE:
	default:
		CHECK(sys_mmap(page, PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED) == page);
		return page;
	}
}

static void change_under_reader(enum change how)
{
	uint8_t *page = map(PAGE), *now;

	make_pipe();
	page[0] = 'p';
	start_reader(page);
	now = take_away(page, how);
	CHECK(sys3(SYS_write, ends[1], (long)"12345678", 8) == 8);
	thread_join(&other);
	if (how == REPLACE)
		CHECK(from_other == 8 && page[0] == '1');
	else
		CHECK(from_other == -EFAULT);
	/* Where the old page went, nothing was written. */
	if (how == MOVE)
		CHECK(now[0] == 'p');
	sys3(SYS_munmap, (long)(now ? now : page), PAGE, 0);
	CHECK(sys3(SYS_close, ends[0], 0, 0) == 0 && sys3(SYS_close, ends[1], 0, 0) == 0);
}

/* The pages behind what the pipe took already go while the writer waits. */
static void change_under_writer(enum change how)
{
	uint8_t *from = map(sizeof(bytes)), *now;

	make_pipe();
	for (uint64_t i = 0; i < sizeof(bytes); i += PAGE)
		from[i] = 'w';
	start_writer(from);
	now = take_away(from + PIPE_BYTES, how);
	CHECK(sys3(SYS_close, ends[1], 0, 0) == 0);
	CHECK(drain(ends[0]) == (how == REPLACE ? (long)sizeof(bytes) : PIPE_BYTES));
	thread_join(&other);
	CHECK(from_other == (how == REPLACE ? (long)sizeof(bytes) : PIPE_BYTES));
	if (now)
		sys3(SYS_munmap, (long)now, PAGE, 0);
	sys3(SYS_munmap, (long)from, sizeof(bytes), 0);
	CHECK(sys3(SYS_close, ends[0], 0, 0) == 0);
}

static uint8_t *race_page;
static volatile uint32_t race_over;

static void comes_and_goes(long rounds)
{
	for (long i = 0; i < rounds; i++) {
		sys_mmap(race_page + PAGE, PAGE, i & 1 ? PROT_READ | PROT_WRITE : 0,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);
		sys3(SYS_munmap, (long)(race_page + PAGE), PAGE, 0);
	}
	race_over = 1;
}

/* Copies over a page that comes and goes end before it or behind the last. */
static void race(void)
{
	long fd = sys3(SYS_open, (long)"/dev/zero", O_RDONLY, 0), got;

	race_page = map(RACE_PAGES * PAGE);
	CHECK(fd >= 0 && thread_start(&other, comes_and_goes, test_rounds(RACE_ROUNDS)) > 0);
	while (!race_over) {
		race_page[0] = 1;
		race_page[2 * PAGE] = 1;
		got = sys3(SYS_read, fd, (long)race_page, RACE_PAGES * PAGE);
		CHECK(got == (long)(RACE_PAGES * PAGE) || got == (long)PAGE ||
		      got == (long)(2 * PAGE));
		CHECK(race_page[0] == 0 && race_page[2 * PAGE] == (got != RACE_PAGES * (long)PAGE));
	}
	thread_join(&other);
	sys3(SYS_munmap, (long)race_page, RACE_PAGES * PAGE, 0);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
}

static void one_round(void)
{
	close_under_writer(0);
	close_under_writer(1);
	while (!close_under_reader())
		;
	for (int how = UNMAP; how < CHANGES; how++) {
		change_under_reader((enum change)how);
		change_under_writer((enum change)how);
	}
}

void test_main(const uint64_t *stack)
{
	struct state before, after;

	(void)stack;
	CHECK(action_set(SIGPIPE, SIG_IGN, 0, 0) == 0);
	one_round();
	before = state_now();
	one_round();
	after = state_now();
	CHECK(same_state(&before, &after));
	race();
}
