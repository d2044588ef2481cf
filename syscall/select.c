/* SPDX-License-Identifier: BSD-2-Clause */
/* select and pselect6: three sets of descriptors, a bit each. */
#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"

#include "mm/slab.h"
#include "mm/usercopy.h"
#include "syscall/poll_scan.h"

#define SETS        3u
#define SMALL_WORDS 4u

#define SELECT_IN  (POLLIN | POLLRDNORM | POLLHUP | POLLERR)
#define SELECT_OUT (POLLOUT | POLLWRNORM | POLLERR)
#define SELECT_EX  POLLPRI

static const uint32_t select_events[SETS] = {SELECT_IN, SELECT_OUT, SELECT_EX};

/* One word of each set. */
struct fd_word {
	uint64_t asked[SETS];
	uint64_t ready[SETS];
};

struct fd_sets {
	struct poll_scan scan; /* its count: descriptors, at most */
	struct uaddr user[SETS];
	uint32_t words;
	struct fd_word *word;
	struct fd_word small[SMALL_WORDS];
};

/* Bits that @events sets for the descriptor of @bit. Return: how many. */
static inline uint32_t note_ready(struct fd_word *word, uint64_t bit, uint32_t events)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < SETS; i++)
		if ((events & select_events[i]) && (word->asked[i] & bit)) {
			word->ready[i] |= bit;
			bits++;
		}
	return bits;
}

static int64_t look_at_word(struct fd_word *word, uint32_t first, struct poll_wait *wait,
			    struct file **held)
{
	uint64_t any = word->asked[0] | word->asked[1] | word->asked[2];
	int64_t ready = 0;

	word->ready[0] = word->ready[1] = word->ready[2] = 0;
	for (; any; any &= any - 1) {
		uint32_t fd = first + (uint32_t)__builtin_ctzll(any);
		struct file *file = my_file_at(fd);
		uint32_t events;

		if (unlikely(!file))
			return ERR_BADF;
		events = poll_scan_file(file, wait, held ? &held[fd] : NULL);
		if (events)
			ready += note_ready(word, any & -any, events);
	}
	return ready;
}

static int64_t look_at_all(struct poll_scan *scan, struct poll_wait *wait, struct file **held)
{
	struct fd_sets *sets = container_of(scan, struct fd_sets, scan);
	int64_t ready = 0;

	for (uint32_t i = 0; i < sets->words; i++) {
		int64_t found = look_at_word(&sets->word[i], i * 64, wait, held);

		if (found < 0)
			return found;
		ready += found;
	}
	return ready;
}

static enum err read_word(struct fd_sets *sets, uint32_t index, uint64_t mask)
{
	struct fd_word *word = &sets->word[index];
	enum err err = OK;

	for (unsigned i = 0; i < SETS && err == OK; i++) {
		word->asked[i] = 0;
		if (sets->user[i].raw)
			err = get_user_u64(&word->asked[i],
					   (struct uaddr){sets->user[i].raw + index * 8ull});
		word->asked[i] &= mask;
	}
	return err;
}

/* Whole words are read, as Linux does; bits behind the last descriptor mean nothing. */
static enum err read_sets(struct fd_sets *sets)
{
	uint32_t tail = sets->scan.count % 64;
	enum err err = OK;

	for (uint32_t i = 0; i < sets->words && err == OK; i++)
		err = read_word(sets, i, tail && i == sets->words - 1 ? BIT(tail) - 1 : ~0ull);
	return err;
}

static enum err write_sets(const struct fd_sets *sets)
{
	for (uint32_t n = 0; n < sets->words; n++)
		for (unsigned i = 0; i < SETS; i++)
			if (sets->user[i].raw &&
			    put_user_u64((struct uaddr){sets->user[i].raw + n * 8ull},
					 sets->word[n].ready[i]) != OK)
				return ERR_FAULT;
	return OK;
}

/* Numbers that no open descriptor has are not looked at. */
static enum err open_sets(struct fd_sets *sets, struct trapframe *frame)
{
	uint32_t count = arg_u32(frame, 0);

	if ((int32_t)count < 0)
		return ERR_INVAL;
	if (count > SMALL_WORDS * 64)
		count = MIN(count, handle_capacity(&my_files()->handles));
	sets->scan = (struct poll_scan){.look = look_at_all, .count = count};
	for (unsigned i = 0; i < SETS; i++)
		sets->user[i] = arg_uaddr(frame, i + 1);
	sets->words = DIV_ROUND_UP(count, 64);
	sets->word = sets->small;
	if (sets->words > SMALL_WORDS)
		sets->word = kmalloc(sets->words * sizeof(*sets->word));
	return sets->word ? OK : ERR_NOMEM;
}

static int64_t do_select(struct trapframe *frame, uint64_t deadline, bool may_sleep)
{
	/* Of the small words only what is read in is used. */
	struct fd_sets sets __uninitialized;
	int64_t result = open_sets(&sets, frame);

	if (result != OK)
		return result;
	result = read_sets(&sets);
	if (result == OK)
		result = poll_scan_wait(&sets.scan, deadline, may_sleep);
	if (result >= 0 && write_sets(&sets) != OK)
		result = ERR_FAULT;
	if (sets.word != sets.small)
		kfree(sets.word);
	return result;
}

#define SECONDS_MAX (1ull << 33)

/* A timeval; as on Linux it may hold more than a second of microseconds. */
static enum err timeval_get(struct uaddr at, uint64_t *deadline, bool *may_sleep)
{
	uint64_t time[2], ns;
	enum err err;

	*deadline = TIME_NEVER;
	*may_sleep = true;
	if (!at.raw)
		return OK;
	err = copy_from_user(time, at, sizeof(time));
	if (err != OK)
		return err;
	if ((int64_t)time[0] < 0 || (int64_t)time[1] < 0)
		return ERR_INVAL;
	ns = MIN(MIN(time[0], SECONDS_MAX) + time[1] / 1000000, SECONDS_MAX) * NS_PER_S +
	     time[1] % 1000000 * NS_PER_US;
	*may_sleep = ns != 0;
	if (ns)
		*deadline = user_deadline(ns);
	return OK;
}

int64_t sys_select(struct trapframe *frame)
{
	uint64_t deadline;
	bool may_sleep;
	int64_t result = timeval_get(arg_uaddr(frame, 4), &deadline, &may_sleep);

	if (result != OK)
		return result;
	result = do_select(frame, deadline, may_sleep);
	poll_timeout_put(arg_uaddr(frame, 4), deadline, NS_PER_US);
	return result;
}

int64_t sys_pselect6(struct trapframe *frame)
{
	uint64_t mask[2] = {0}, deadline;
	bool may_sleep;
	int64_t result = poll_timeout_get(arg_uaddr(frame, 4), &deadline, &may_sleep);

	if (result == OK && arg(frame, 5))
		result = copy_from_user(mask, arg_uaddr(frame, 5), sizeof(mask));
	if (result == OK)
		result = poll_mask_begin(mask[0], mask[1]);
	if (result != OK)
		return result;
	result = do_select(frame, deadline, may_sleep);
	poll_timeout_put(arg_uaddr(frame, 4), deadline, 1);
	return poll_mask_end(result);
}
