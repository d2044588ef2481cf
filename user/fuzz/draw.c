/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <string.h>

#include "user/fuzz/fuzz.h"

#define PAGE 4096UL

/* SplitMix64. */
uint64_t next_of(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint64_t below(uint64_t *state, uint64_t bound)
{
	return next_of(state) % bound;
}

static const uint64_t bad_pointers[] = {
	0,
	1,
	0xffff,
	0x7fffffffefff,
	0x7ffffffff000,
	0x800000000000,
	0xffff800000000000,
	0xffffffff80000000,
	0x8000000000000000,
	0xfffffffffffff000,
	UINT64_MAX,
	ARENA_READ,
};

static uint64_t draw_bad(uint64_t *state)
{
	return bad_pointers[below(state, sizeof(bad_pointers) / sizeof(bad_pointers[0]))];
}

/* Good, at the end of what is there, or none at all. */
static uint64_t draw_pointer(uint64_t *state)
{
	switch (below(state, 8)) {
	case 0:
		return draw_bad(state);
	case 1:
		return ARENA + ARENA_PAGES * PAGE - below(state, 64);
	case 2:
		return ARENA + below(state, 8 * PAGE);
	default:
		return ARENA + below(state, 64) * 64;
	}
}

static const uint64_t odd_values[] = {
	0,
	UINT64_MAX,
	0x7fffffff,
	0x80000000,
	0xffffffff,
	1UL << 32,
	1UL << 62,
	1UL << 63,
	INT64_MAX,
	PAGE,
	PAGE - 1,
	PAGE + 1,
	1UL << 47,
	1UL << 20,
	(uint32_t)AT_FDCWD,
	0x1000,
	O_CREAT | O_RDWR,
	O_DIRECTORY,
	O_NONBLOCK,
	AT_SYMLINK_NOFOLLOW,
	AT_EMPTY_PATH,
	0644,
	0755,
	04777,
};

static uint64_t draw_value(uint64_t *state)
{
	switch (below(state, 10)) {
	case 0:
		return odd_values[below(state, sizeof(odd_values) / sizeof(odd_values[0]))];
	case 1:
		return 1UL << below(state, 64);
	case 2:
		return 1UL << below(state, 16) | 1UL << below(state, 16);
	case 3:
		return ARENA + below(state, ARENA_PAGES) * PAGE;
	case 4:
		return below(state, 65536);
	case 5:
		return -below(state, 4096);
	case 6:
		return next_of(state) >> below(state, 64);
	case 7:
		return below(state, 64);
	default:
		return below(state, 12);
	}
}

static uint64_t draw_argument(uint64_t *state, const struct arg_type *type)
{
	if (arg_is_pointer(type) && below(state, 12) == 0)
		return draw_bad(state);
	switch ((enum arg_kind)type->kind) {
	case ARG_STRING:
		return NAMES + below(state, NAME_COUNT) * NAME_STEP;
	case ARG_STRINGS:
		return ARRAYS + below(state, 8) * 64;
	case ARG_IOVEC:
		return VECTORS + below(state, 16) * 16;
	case ARG_BYTES:
		return draw_pointer(state);
	case ARG_NONE:
	case ARG_VALUE:
		break;
	}
	return draw_value(state);
}

static void draw_call(uint64_t *state, struct call *call)
{
	const struct arg_row *row;

	do
		call->row = (uint32_t)below(state, call_row_count);
	while (!row_allowed(&call_rows[call->row]));
	row = &call_rows[call->row];
	for (unsigned i = 0; i < ARGS; i++)
		call->args[i] = draw_argument(state, &row->args[i]);
	if (row->selector != ARG_NO_LEN && below(state, 16))
		call->args[row->selector] = row->selection;
}

void draw_input(uint64_t *state, struct input *input)
{
	input->count = 1 + (uint32_t)below(state, CALLS_MAX);
	for (uint32_t i = 0; i < input->count; i++)
		draw_call(state, &input->calls[i]);
}

static void change_argument(uint64_t *state, struct call *call)
{
	const struct arg_row *row = &call_rows[call->row];
	unsigned i = (unsigned)below(state, row->count ? row->count : 1);

	switch (below(state, 4)) {
	case 0:
		call->args[i] ^= 1UL << below(state, 64);
		break;
	case 1:
		call->args[i] += below(state, 33) - 16;
		break;
	default:
		call->args[i] = draw_argument(state, &row->args[i]);
	}
}

static void add_call(uint64_t *state, struct input *input)
{
	uint32_t at = (uint32_t)below(state, input->count + 1);

	if (input->count == CALLS_MAX)
		return;
	memmove(&input->calls[at + 1], &input->calls[at],
		(input->count - at) * sizeof(input->calls[0]));
	draw_call(state, &input->calls[at]);
	input->count++;
}

static void append_from(uint64_t *state, struct input *input, const struct input *other)
{
	uint32_t from = (uint32_t)below(state, other->count);

	while (input->count < CALLS_MAX && from < other->count)
		input->calls[input->count++] = other->calls[from++];
}

/* What a kept input leads to is gone on from: the rest is drawn anew. */
void change_input(uint64_t *state, struct input *input, const struct input *other)
{
	for (uint64_t changes = 1 + below(state, 4); changes; changes--) {
		switch (below(state, 6)) {
		case 0:
		case 1:
			add_call(state, input);
			break;
		case 2:
			append_from(state, input, other);
			break;
		default:
			change_argument(state, &input->calls[below(state, input->count)]);
		}
	}
	while (input->count < CALLS_MAX)
		draw_call(state, &input->calls[input->count++]);
}
