/* SPDX-License-Identifier: BSD-2-Clause */
/* mmap and its relatives: arguments, holes, files behind pages, the heap and the stack. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "rules.h"

#define PAGE       4096UL
#define READ_WRITE (PROT_READ | PROT_WRITE)

static sigjmp_buf back;

static void leave(int number)
{
	siglongjmp(back, number);
}

/* The signal that touching the byte gives, or 0. */
static int touch(volatile char *where, int write)
{
	signal(SIGSEGV, leave);
	signal(SIGBUS, leave);
	int number = sigsetjmp(back, 1);
	if (number)
		return number;
	if (write)
		*where = 1;
	else
		(void)*where;
	return 0;
}

static char *anonymous(size_t pages, int protection)
{
	return mmap(NULL, pages * PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void ask_map(const char *what, void *result)
{
	ask(what, result == MAP_FAILED ? -1 : 0);
}

static int file_of(size_t bytes)
{
	int fd = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0644);

	for (size_t i = 0; i < bytes; i++)
		write(fd, "x", 1);
	return fd;
}

RULE(arguments_of_mmap)
{
	int both = MAP_PRIVATE | MAP_ANONYMOUS;

	ask_map("length 0", mmap(NULL, 0, READ_WRITE, both, -1, 0));
	ask_map("no kind", mmap(NULL, PAGE, READ_WRITE, MAP_ANONYMOUS, -1, 0));
	ask_map("unaligned", mmap((void *)0x10001, PAGE, READ_WRITE, both | MAP_FIXED, -1, 0));
	ask_map("too big", mmap(NULL, 1UL << 62, READ_WRITE, both, -1, 0));
	ask_map("whole", mmap(NULL, -1UL, READ_WRITE, both, -1, 0));
	ask_map("kernel half",
		mmap((void *)0xffff800000000000, PAGE, READ_WRITE, both | MAP_FIXED, -1, 0));
	ask_map("above",
		mmap((void *)0x7ffffffff000, 2 * PAGE, READ_WRITE, both | MAP_FIXED, -1, 0));
	ask_map("no rights", mmap(NULL, PAGE, PROT_NONE, both, -1, 0));
	ask_map("odd length", mmap(NULL, 5, READ_WRITE, both, -1, 0));
}

RULE(arguments_of_file_mappings)
{
	int fd = file_of(10), in = open("mapped", O_RDONLY), out = open("mapped", O_WRONLY),
	    ends[2];

	ask_map("bad fd", mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0));
	ask_map("offset", (void *)syscall(SYS_mmap, NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 5));
	ask_map("directory", mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open(".", O_RDONLY), 0));
	ask_map("shared", mmap(NULL, PAGE, READ_WRITE, MAP_SHARED, fd, 0));
	ask_map("shared, read only", mmap(NULL, PAGE, READ_WRITE, MAP_SHARED, in, 0));
	ask_map("private", mmap(NULL, PAGE, READ_WRITE, MAP_PRIVATE, in, 0));
	ask_map("write only", mmap(NULL, PAGE, PROT_WRITE, MAP_PRIVATE, out, 0));
	ask("pipe", pipe(ends));
	ask_map("pipe", mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, ends[0], 0));
	ask_map("null", mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 0, 0));
	ask_map("path", mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open("mapped", O_PATH), 0));
}

RULE(fixed_and_hints)
{
	char *map = anonymous(4, READ_WRITE);
	int both = MAP_PRIVATE | MAP_ANONYMOUS;

	map[0] = 'a';
	ask_map("noreplace", mmap(map, PAGE, READ_WRITE, both | MAP_FIXED_NOREPLACE, -1, 0));
	say("kept=%c", map[0]);
	say("fixed=%d", mmap(map, PAGE, READ_WRITE, both | MAP_FIXED, -1, 0) == map);
	say("zero=%d", map[0]);
	munmap(map + PAGE, PAGE);
	say("hint=%d", mmap(map + PAGE, PAGE, READ_WRITE, both, -1, 0) == map + PAGE);
	say("taken=%d", mmap(map + PAGE, PAGE, READ_WRITE, both, -1, 0) != map + PAGE);
}

RULE(unmapping)
{
	char *map = anonymous(4, READ_WRITE);

	ask("middle", munmap(map + PAGE, PAGE));
	say("%d %d", touch(map, 1), touch(map + PAGE, 1));
	ask("hole", munmap(map, 4 * PAGE));
	ask("nothing there", munmap(map, 4 * PAGE));
	ask("length 0", munmap(map, 0));
	ask("unaligned", munmap(map + 1, PAGE));
	ask("kernel half", munmap((void *)0xffff800000000000, PAGE));
}

RULE(protecting)
{
	char *map = anonymous(3, READ_WRITE);

	ask("read", mprotect(map, PAGE, PROT_READ));
	say("%d %d", touch(map, 0), touch(map, 1));
	ask("none", mprotect(map, PAGE, PROT_NONE));
	say("%d", touch(map, 0));
	munmap(map + PAGE, PAGE);
	ask("hole", mprotect(map, 3 * PAGE, READ_WRITE));
	say("before it=%d after it=%d", touch(map, 1), touch(map + 2 * PAGE, 1));
	ask("length 0", mprotect(map, 0, PROT_READ));
	ask("unaligned", mprotect(map + 1, PAGE, PROT_READ));
	ask("bits", mprotect(map, PAGE, 0x40));
	ask("grows both", mprotect(map, PAGE, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP));
}

RULE(protecting_files)
{
	file_of(10);
	char *map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, open("mapped", O_RDONLY), 0);
	ask("shared", mprotect(map, PAGE, READ_WRITE));
	map = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open("mapped", O_RDONLY), 0);
	ask("private", mprotect(map, PAGE, READ_WRITE));
}

RULE(write_implies_read)
{
	char *map = anonymous(1, PROT_WRITE);

	say("%d %d", touch(map, 1), touch(map, 0));
}

RULE(advice)
{
	char *map = anonymous(3, READ_WRITE);

	map[0] = 5;
	ask("dontneed", madvise(map, PAGE, MADV_DONTNEED));
	say("%d", map[0]);
	munmap(map + PAGE, PAGE);
	ask("hole", madvise(map, 3 * PAGE, MADV_DONTNEED));
	ask("unknown", madvise(map, PAGE, 999));
	ask("unaligned", madvise(map + 1, PAGE, MADV_DONTNEED));
	ask("length 0", madvise(map, 0, MADV_DONTNEED));
	ask("willneed", madvise(map, PAGE, MADV_WILLNEED));
	map[0] = 6;
	ask("normal", madvise(map, PAGE, MADV_NORMAL));
	say("%d", map[0]);
}

RULE(dontneed_of_files)
{
	int fd = file_of(10);
	char *map = mmap(NULL, PAGE, READ_WRITE, MAP_PRIVATE, fd, 0);

	map[0] = 'y';
	ask("private", madvise(map, PAGE, MADV_DONTNEED));
	say("%c", map[0]);
	map = mmap(NULL, PAGE, READ_WRITE, MAP_SHARED, fd, 0);
	map[0] = 'z';
	ask("shared", madvise(map, PAGE, MADV_DONTNEED));
	say("%c", map[0]);
}

RULE(removal_of_pages)
{
	file_of(10);
	char *map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, open("mapped", O_RDONLY), 0);

	ask("reading", madvise(map, PAGE, MADV_REMOVE));
	map = mmap(NULL, PAGE, READ_WRITE, MAP_PRIVATE, open("mapped", O_RDWR), 0);
	ask("private", madvise(map, PAGE, MADV_REMOVE));
	ask("nothing", madvise(anonymous(1, READ_WRITE), PAGE, MADV_REMOVE));
}

RULE(residence)
{
	unsigned char pages[3] = {9, 9, 9};
	char *map = anonymous(3, READ_WRITE);

	map[PAGE] = 1;
	ask("mincore", mincore(map, 3 * PAGE, pages));
	say("%d%d%d", pages[0] & 1, pages[1] & 1, pages[2] & 1);
	munmap(map + PAGE, PAGE);
	ask("hole", mincore(map, 3 * PAGE, pages));
	ask("unaligned", mincore(map + 1, PAGE, pages));
	ask("pointer", mincore(map, PAGE, (void *)8));
}

RULE(synchronising)
{
	char *map = mmap(NULL, 3 * PAGE, READ_WRITE, MAP_SHARED, file_of(10), 0);

	ask("sync", msync(map, PAGE, MS_SYNC));
	ask("async", msync(map, PAGE, MS_ASYNC));
	ask("both", msync(map, PAGE, MS_SYNC | MS_ASYNC));
	ask("unknown", msync(map, PAGE, 64));
	ask("unaligned", msync(map + 1, PAGE, MS_SYNC));
	munmap(map + PAGE, PAGE);
	ask("hole", msync(map, 3 * PAGE, MS_SYNC));
	ask("length 0", msync(map, 0, MS_SYNC));
}

RULE(the_tail_of_a_file)
{
	char *map = mmap(NULL, 3 * PAGE, READ_WRITE, MAP_SHARED, file_of(10), 0);

	say("%c%d", map[9], map[10]);
	say("next page=%d", touch(map + PAGE, 0));
	map[100] = 'q';
	char byte = 0;
	ask("read", pread(open("mapped", O_RDONLY), &byte, 1, 100));
}

RULE(truncated_under_a_mapping)
{
	int fd = file_of(10);
	ftruncate(fd, 2 * PAGE);
	char *map = mmap(NULL, 2 * PAGE, READ_WRITE, MAP_SHARED, fd, 0);
	map[PAGE] = 'p';
	map[5] = 'o';
	ftruncate(fd, 3);
	say("second=%d first=%d", touch(map + PAGE, 0), touch(map, 0));
	say("cut=%d", map[5]);
	ftruncate(fd, 2 * PAGE);
	say("again=%d value=%d", touch(map + PAGE, 0), map[PAGE]);
}

RULE(shared_mappings_are_the_file)
{
	char text[4] = "";
	int fd = file_of(10);
	char *map = mmap(NULL, PAGE, READ_WRITE, MAP_SHARED, fd, 0);
	char *other = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

	map[1] = 'M';
	ask("read", pread(fd, text, 3, 0));
	say("%s", text);
	ask("write", pwrite(fd, "W", 1, 2));
	say("%.3s %.3s", map, other);
	close(fd);
	unlink("mapped");
	map[0] = 'U';
	say("%.3s", other);
}

RULE(private_mappings_are_not)
{
	char text[4] = "";
	int fd = file_of(10);
	char *map = mmap(NULL, PAGE, READ_WRITE, MAP_PRIVATE, fd, 0);

	map[1] = 'M';
	ask("read", pread(fd, text, 3, 0));
	say("%s %.3s", text, map);
}

static void write_shared(void)
{
	char *map = mmap(NULL, PAGE, READ_WRITE, MAP_SHARED, open("mapped", O_RDWR), 0);

	map[0] = 'c';
}

RULE(shared_among_processes)
{
	int fd = file_of(10);
	char *map = mmap(NULL, PAGE, READ_WRITE, MAP_SHARED, fd, 0);
	char *nameless = mmap(NULL, PAGE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (fork() == 0) {
		nameless[0] = 'n';
		write_shared();
		_exit(0);
	}
	wait(NULL);
	say("%c%c", map[0], nameless[0]);
}

RULE(moving)
{
	char *map = anonymous(4, READ_WRITE);

	map[0] = 'm';
	char *larger = mremap(map, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
	say("%c", larger[0]);
	say("shrink=%d", mremap(larger, 8 * PAGE, 2 * PAGE, 0) == larger);
	say("%d", touch(larger + 2 * PAGE, 0));
	char *place = anonymous(4, PROT_NONE);
	say("fixed=%d",
	    mremap(larger, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place) == place);
	say("%c %d", place[0], touch(larger, 0));
}

RULE(arguments_of_mremap)
{
	char *map = anonymous(4, READ_WRITE), *taken;

	ask_map("unaligned", mremap(map + 1, PAGE, PAGE, 0));
	ask_map("new 0", mremap(map, PAGE, 0, MREMAP_MAYMOVE));
	ask_map("flags", mremap(map, PAGE, PAGE, 64));
	ask_map("fixed alone", mremap(map, PAGE, PAGE, MREMAP_FIXED, map + 2 * PAGE));
	ask_map("overlap",
		mremap(map, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, map + PAGE));
	ask_map("nothing there", mremap((void *)0x200000000000, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
	taken = map + PAGE;
	munmap(map + 2 * PAGE, 2 * PAGE);
	mmap(taken, PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	ask_map("no room", mremap(map, PAGE, 1UL << 30, 0));
	ask_map("across a hole", mremap(map, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE));
}

RULE(the_break)
{
	char *start = sbrk(0), *end;

	say("kept=%d", (char *)syscall(SYS_brk, 0) == start);
	say("same when refused=%d", (char *)syscall(SYS_brk, 8) == start);
	end = (char *)syscall(SYS_brk, start + 3 * PAGE);
	say("grown=%d zero=%d", end == start + 3 * PAGE, start[2 * PAGE]);
	start[2 * PAGE] = 7;
	syscall(SYS_brk, start + PAGE);
	say("shrunk=%d", touch(start + 2 * PAGE + PAGE, 0));
	syscall(SYS_brk, start + 3 * PAGE);
	say("zero again=%d", start[2 * PAGE]);
	syscall(SYS_brk, start);
	say("too far=%d", (char *)syscall(SYS_brk, (char *)0x7f0000000000) == start);
}

RULE(limits_of_memory)
{
	struct rlimit limit = {1 << 20, 1 << 20};
	char *end = sbrk(0);

	setrlimit(RLIMIT_DATA, &limit);
	say("break=%d", (char *)syscall(SYS_brk, end + (2 << 20)) == end + (2 << 20));
	limit = (struct rlimit){64 << 20, 64 << 20};
	setrlimit(RLIMIT_AS, &limit);
	ask_map("mmap", mmap(NULL, 100 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	ask_map("small", mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static void deep(size_t bytes)
{
	volatile char room[16384];

	room[0] = 1;
	if (bytes > sizeof(room))
		deep(bytes - sizeof(room));
	room[1] = 2;
}

static void deep_in_the_limit(void)
{
	deep(7 << 20);
}

static void deep_behind_the_limit(void)
{
	deep(9 << 20);
}

RULE(the_stack_grows_to_its_limit)
{
	setrlimit(RLIMIT_STACK, &(struct rlimit){8 << 20, 8 << 20});
	say_status("in", in_child(deep_in_the_limit));
	say_status("behind", in_child(deep_behind_the_limit));
}

RULE(locking_is_only_counted)
{
	char *map = anonymous(2, READ_WRITE);

	ask("mlock", mlock(map, PAGE));
	ask("munlock", munlock(map, PAGE));
	ask("mlockall", mlockall(9));
	ask("munlockall", munlockall());
}
