/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/tty/ldisc.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/check.h"

#define OPERATION_BYTES (2 + sizeof(struct termios))

static struct ldisc ldisc;

static void check_positions(void)
{
	uint32_t shown;

	CHECK(ldisc.head - ldisc.tail <= LDISC_INPUT_BYTES);
	CHECK(ldisc.ready - ldisc.tail <= ldisc.head - ldisc.tail);
	CHECK(ldisc.echo_head - ldisc.echo_tail <= LDISC_ECHO_BYTES);
	CHECK(ldisc_readable_count(&ldisc) <= ldisc.ready - ldisc.tail);
	(void)ldisc_echo_peek(&ldisc, &shown);
	CHECK(shown <= LDISC_ECHO_BYTES);
}

static void receive(const uint8_t *bytes, size_t count)
{
	struct ldisc_effect effect;

	for (size_t i = 0; i < count; i++) {
		ldisc_receive(&ldisc, bytes[i], &effect);
		CHECK(!effect.signal || ldisc.modes.lflag & ISIG);
	}
	check_positions();
}

static void read_some(uint8_t size)
{
	uint8_t out[256];
	uint32_t ready = ldisc.ready - ldisc.tail;
	bool ended;
	uint32_t count = ldisc_read(&ldisc, out, size ? size : 1, &ended);

	CHECK(count <= (size ? size : 1u) && count <= ready);
	CHECK(count || ended || !ready);
}

static void write_some(const uint8_t *bytes, uint32_t count, uint8_t room)
{
	uint8_t out[256];
	uint32_t made;
	uint32_t used = ldisc_output(&ldisc, bytes, count, out, room, &made);

	CHECK(used <= count && made <= room);
	CHECK(used == count || room - made < LDISC_UNIT_BYTES);
	ldisc_echo_put(&ldisc, out, made);
}

/* One operation: its kind, a size, and what follows. */
static size_t operate(const uint8_t *data, size_t size)
{
	struct termios modes;
	uint32_t shown;

	switch (data[0] % 6) {
	case 0:
		memcpy(&modes, data + 2, sizeof(modes));
		ldisc_set_modes(&ldisc, &modes);
		return OPERATION_BYTES;
	case 1:
		read_some(data[1]);
		return 2;
	case 2:
		(void)ldisc_echo_peek(&ldisc, &shown);
		ldisc_echo_taken(&ldisc, shown);
		return 2;
	case 3:
		write_some(data + 2, (uint32_t)(size - 2), data[1]);
		return 2 + (size - 2) / 2;
	case 4:
		/* The same bytes often enough to fill what can be filled. */
		for (unsigned i = 0; i < data[1]; i++)
			receive(data + 2, sizeof(modes));
		return OPERATION_BYTES;
	default:
		receive(data + 2, sizeof(modes));
		return OPERATION_BYTES;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ldisc_init(&ldisc);
	while (size >= OPERATION_BYTES) {
		size_t used = operate(data, size);

		check_positions();
		data += used;
		size -= used;
	}
	return 0;
}
