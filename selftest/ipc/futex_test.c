/* SPDX-License-Identifier: BSD-2-Clause */
/* Futexes from the inside: the moment between look and sleep, and which words are one. */
#include "ipc/futex.h"
#include "ipc/futex_internal.h"
#include "kernel/core/time.h"
#include "kernel/sched/sched.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/trap.h"
#include "kernel/x86/usercopy_raw.h"
#include "mm/space/mman.h"
#include "mm/space/object.h"
#include "mm/space/space.h"
#include "mm/usercopy.h"
#include "selftest/program.h"
#include "selftest/selftest.h"

#define AT    0x10000000ull
#define TWIN  0x20000000ull
#define VALUE 7u

static struct futex_word word_at(uint64_t addr, bool is_shared)
{
	return (struct futex_word){{addr}, is_shared};
}

static bool map(struct space *space, uint64_t addr, struct mem_object *object)
{
	struct map_request request = {
		.addr = addr,
		.len = 2 * PAGE_SIZE,
		.prot = PROT_READ | PROT_WRITE,
		.flags = MAP_FIXED | (object ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS),
		.object = object,
	};
	uint64_t at;

	return space_map(space, &request, &at) == OK;
}

/* The running thread on a space of its own with two pages at AT. */
static struct space *begin(void)
{
	struct space *space = space_create(NULL);

	if (!space || !map(space, AT, NULL))
		return NULL;
	space_activate(space);
	return put_user_u32((struct uaddr){AT}, VALUE) == OK ? space : NULL;
}

static void end(struct space *space)
{
	space_activate(NULL);
	space_put(space);
}

static enum err enqueue(struct futex_waiter *waiter, struct futex_word word)
{
	*waiter = (struct futex_waiter){.thread = thread_self(), .bits = FUTEX_ANY};
	enum err err = futex_key_get(word, &waiter->key);

	return err == OK ? futex_enqueue(waiter, word.at, VALUE) : err;
}

SELFTEST(M11, 8, wake_between_look_and_sleep_is_kept)
{
	struct futex_word word = word_at(AT, false);
	uint64_t late = time_now_ns() + 30 * NS_PER_SEC, idle = sched_cpu_idle_ns(cpu_id());
	struct futex_waiter waiter;
	struct space *space = begin();

	CHECK(space);
	enum err queued = enqueue(&waiter, word);
	/* It has looked and not slept: now the word changes and its changer wakes. */
	enum err changed = put_user_u32(word.at, VALUE + 1);
	int64_t woken = futex_wake(word, 1, FUTEX_ANY);
	enum err slept = futex_sleep(&waiter, late);

	end(space);
	CHECK(queued == OK && changed == OK && woken == 1 && slept == OK);
	CHECK(sched_cpu_idle_ns(cpu_id()) == idle && futex_waiter_count() == 0);
	return true;
}

static struct {
	bool hit, locked, queued;
	struct futex_bucket *bucket;
} look;

static bool on_look(struct trapframe *frame, unsigned vector, uint64_t address)
{
	(void)address;
	if (vector != TRAP_DB || frame->rip != (uint64_t)usercopy_get_u32)
		return false;
	look.hit = true;
	look.locked = cpu_self()->held_locks >> LOCK_FUTEX & 1;
	look.queued = !list_empty(&look.bucket->waiters);
	frame->rflags |= RFLAGS_RF;
	return true;
}

/* A hardware breakpoint stands on the read of the word meanwhile. */
static enum err enqueue_watched(struct futex_waiter *waiter, struct futex_word word)
{
	bool (*before)(struct trapframe *, unsigned, uint64_t) = trap_expect_hook;

	trap_expect_hook = on_look;
	__asm__ volatile("mov %0, %%dr0" : : "r"(usercopy_get_u32));
	__asm__ volatile("mov %0, %%dr7" : : "r"(DR7_DEFAULT | 2ull));
	enum err err = enqueue(waiter, word);

	__asm__ volatile("mov %0, %%dr7; mov %1, %%dr0" : : "r"(DR7_DEFAULT), "r"(0ull));
	trap_expect_hook = before;
	return err;
}

SELFTEST(M11, 8, words_are_read_under_the_lock)
{
	struct futex_word word = word_at(AT, false);
	struct futex_waiter waiter;
	struct futex_key key;
	struct space *space = begin();

	CHECK(space && futex_key_get(word, &key) == OK);
	look.hit = false;
	look.bucket = futex_bucket_of(&key);
	enum err queued = enqueue_watched(&waiter, word);
	int64_t woken = futex_wake(word, 1, FUTEX_ANY);
	enum err slept = futex_sleep(&waiter, TIME_NEVER);

	end(space);
	CHECK(queued == OK && woken == 1 && slept == OK);
	CHECK(look.hit && look.locked && look.queued);
	return true;
}

/* Whether the same word gives the same key twice, in the spaces @a and @b. */
static bool one_key(struct space *a, struct futex_word in_a, struct space *b,
		    struct futex_word in_b)
{
	struct futex_key first, second;

	space_activate(a);
	if (futex_key_get(in_a, &first) != OK)
		return false;
	space_activate(b);
	bool same = futex_key_get(in_b, &second) == OK;

	if (same)
		futex_key_put(&second);
	futex_key_put(&first);
	return same && futex_key_equal(&first, &second);
}

/* A page at AT is each space's own, one at TWIN both spaces' (and once more behind it). */
static bool keys_are_right(struct space *a, struct space *b)
{
	struct futex_word own = word_at(AT, true), own_private = word_at(AT, false);
	struct futex_word common = word_at(TWIN, true), common_private = word_at(TWIN, false);
	struct futex_word again = word_at(TWIN + 4 * PAGE_SIZE, true);

	return one_key(a, own, a, own) && !one_key(a, own, b, own) &&
	       one_key(a, own_private, a, own_private) &&
	       !one_key(a, own_private, b, own_private) && !one_key(a, own, a, own_private) &&
	       one_key(a, common, b, common) && one_key(a, common, b, again) &&
	       !one_key(a, common_private, b, common_private) &&
	       !one_key(a, common, a, word_at(TWIN + 4, true)) &&
	       !one_key(a, common, a, word_at(TWIN + PAGE_SIZE, true));
}

SELFTEST(M11, 8, keys_follow_what_is_shared)
{
	struct mem_object *object = mem_object_create(NULL, 2 * PAGE_SIZE);
	struct space *a = space_create(NULL), *b = space_create(NULL);
	bool mapped = object && a && b && map(a, AT, NULL) && map(b, AT, NULL) &&
		      map(a, TWIN, object) && map(b, TWIN, object) &&
		      map(b, TWIN + 4 * PAGE_SIZE, object);
	bool right = mapped && keys_are_right(a, b);

	space_activate(NULL);
	CHECK(mapped);
	space_put(a);
	space_put(b);
	/* No key has kept the object. */
	bool alone = refcount_read(&object->count) == 1;

	mem_object_put(object);
	CHECK(right && alone);
	return true;
}

SELFTEST(M11, 8, sleepers_leave_and_move)
{
	struct futex_word first = word_at(AT, false), second = word_at(AT + 8, false);
	struct futex_move move = {.from = first, .to = second, .requeue = 1};
	struct futex_waiter waiter;
	struct space *space = begin();

	CHECK(space);
	/* Nobody wakes it: time does. */
	enum err queued = enqueue(&waiter, first);
	enum err late = futex_sleep(&waiter, time_now_ns() + NS_PER_MS);
	uint64_t left = futex_waiter_count();
	/* Moved before it sleeps, it is woken where it is then. */
	enum err again = enqueue(&waiter, first);
	int64_t moved = futex_requeue(&move);
	int64_t there = futex_wake(first, 1, FUTEX_ANY), here = futex_wake(second, 1, FUTEX_ANY);
	enum err slept = futex_sleep(&waiter, TIME_NEVER);
	/* And what is signalled has left, too. */
	enum err third = enqueue(&waiter, first);
	thread_interrupt(thread_self(), THREAD_SIGNAL);
	enum err interrupted = futex_sleep(&waiter, TIME_NEVER);
	thread_work_clear(THREAD_SIGNAL);

	end(space);
	CHECK(queued == OK && late == ERR_TIMEDOUT && left == 0);
	CHECK(again == OK && moved == 1 && there == 0 && here == 1 && slept == OK);
	CHECK(third == OK && interrupted == ERR_RESTARTSYS && futex_waiter_count() == 0);
	return true;
}

SELFTEST(M11, 8, rounds_between_threads_and_processes)
{
	CHECK_PROGRAM("futex");
	return true;
}

SELFTEST(M11, 13, words_are_inherited, .needs = M12)
{
	CHECK_PROGRAM("futex_pi");
	return true;
}
