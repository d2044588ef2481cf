/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M10-03: what the file holds behind a segment's data is not seen: the page's rest and bss are
 * zero. */
#include "selftest/user/service.h"

#define ODD_PATH    "/.selftest-odd"
#define SECOND_LIFE 7
#define JUNK        0xaa

static uint8_t initialised[40] = {1};
static uint8_t cleared[3 * PAGE];

struct phdr {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

static const struct phdr *data_segment(void)
{
	const struct phdr *at = (const void *)(own_image + *(uint64_t *)(void *)(own_image + 32));

	while (!(at->type == 1 && at->flags == 6))
		at++;
	return at;
}

static int all_zero(const volatile uint8_t *at, const volatile uint8_t *end)
{
	while (at < end)
		if (*at++)
			return 0;
	return 1;
}

/* In the second life: from the last byte that came from the file to the end of the last page. */
static int rest_is_zero(void)
{
	const struct phdr *data;
	uint64_t end;

	if (!all_zero(cleared, cleared + sizeof(cleared)) || initialised[0] != 1)
		return 0;
	/* Everything counted so far is in this program's own bss: look at the pages it left alone.
	 */
	read_own_image();
	data = data_segment();
	end = (data->vaddr + data->memsz + PAGE - 1) & ~(PAGE - 1);
	return all_zero((const uint8_t *)(data->vaddr + data->memsz), (const uint8_t *)end);
}

static void run_odd_image(long arg)
{
	(void)arg;
	sys_exit(exec_path(ODD_PATH, "again") ? 1 : 2);
}

void test_main(const uint64_t *stack)
{
	const struct phdr *data;

	if (stack[0] == 2)
		sys_exit(rest_is_zero() ? SECOND_LIFE : 3);
	read_own_image();
	data = data_segment();
	for (uint64_t i = data->offset + data->filesz; i < data->offset + data->filesz + 2 * PAGE;
	     i++)
		own_image[i] = JUNK;
	write_image(ODD_PATH, own_image, data->offset + data->filesz + 2 * PAGE);
	CHECK(exit_code(run_child(run_odd_image, 0)) == SECOND_LIFE);
	CHECK(sys3(SYS_unlink, (long)ODD_PATH, 0, 0) == 0);
}
