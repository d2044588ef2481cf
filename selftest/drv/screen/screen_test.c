/* SPDX-License-Identifier: BSD-2-Clause */
/* The screen: what a loader says of it, what programs send it, and what its memory may cost. */
#include "kernel/lib/string.h"

#include "drv/screen/fb.h"
#include "drv/screen/render.h"
#include "drv/screen/screen_internal.h"
#include "kernel/core/boot_info.h"
#include "kernel/core/log.h"
#include "mm/frame.h"
#include "mm/inject.h"
#include "mm/kmap.h"
#include "mm/slab.h"
#include "selftest/selftest.h"

#define GUARD 0xa5u

static const struct boot_framebuffer good = {
	.phys = 0xe0000000,
	.width = 64,
	.height = 48,
	.pitch = 300, /* some bytes more than the pixels take */
	.bits_per_pixel = 32,
	.red = {16, 8},
	.green = {8, 8},
	.blue = {0, 8},
};

#define COLS 8u
#define ROWS 3u

/* The good one with a change: what fb_check() says. */
#define CHANGED(change)                                  \
	({                                               \
		struct boot_framebuffer changed_ = good; \
		uint64_t size_ = 0;                      \
		changed_.change;                         \
		fb_check(&changed_, &size_);             \
	})

SELFTEST(M1, 14, frame_buffers_are_judged)
{
	uint64_t size = 0;

	CHECK(fb_check(&good, &size) == OK && size == 300ull * 48);
	CHECK(CHANGED(bits_per_pixel = 24) == OK && CHANGED(pitch = 256) == OK);
	CHECK(CHANGED(phys = 0) == ERR_NODEV);
	CHECK(CHANGED(pitch = 255) == ERR_INVAL && CHANGED(pitch = 0) == ERR_INVAL);
	CHECK(CHANGED(pitch = UINT32_MAX) == ERR_INVAL);
	CHECK(CHANGED(width = 0) == ERR_INVAL && CHANGED(width = UINT32_MAX) == ERR_INVAL);
	CHECK(CHANGED(height = 0) == ERR_INVAL && CHANGED(height = UINT32_MAX) == ERR_INVAL);
	CHECK(CHANGED(phys = UINT64_MAX - 4096) == ERR_INVAL);
	CHECK(CHANGED(bits_per_pixel = 8) == ERR_INVAL);
	CHECK(CHANGED(red.shift = 25) == ERR_INVAL && CHANGED(blue.bits = 0) == ERR_INVAL);
	CHECK(CHANGED(green.bits = 255) == ERR_INVAL);
	return true;
}

SELFTEST(M1, 14, frame_buffers_lie_outside_ram)
{
	void *window = kmap(phys(good.phys), PAGE_SIZE, KMAP_FRAMES);

	CHECK(window != NULL);
	kunmap(window, PAGE_SIZE);
	CHECK(kmap(phys(boot_info()->image_phys), PAGE_SIZE, KMAP_FRAMES) == NULL);
	return true;
}

/* A small screen in memory, with guards around each of its parts. */
static struct small_screen {
	struct vt vt;
	struct fb fb;
	struct render render;
	struct guarded_grid {
		struct cell before;
		struct cell cells[COLS * ROWS];
		struct cell after;
	} grids[SCREEN_GRIDS];
	uint8_t pixels[300 * 48 + 300];
} * small;

static bool grid_guarded(const struct guarded_grid *grid)
{
	return grid->before.code == GUARD && grid->after.code == GUARD;
}

/* The bytes behind the pixels of each line, and behind the last line. */
static bool pixels_guarded(void)
{
	for (unsigned y = 0; y < 48; y++)
		for (unsigned x = 256; x < 300; x++)
			if (small->pixels[y * 300 + x] != GUARD)
				return false;
	for (unsigned i = 300 * 48; i < sizeof(small->pixels); i++)
		if (small->pixels[i] != GUARD)
			return false;
	return true;
}

static bool begin_small(void)
{
	small = kmalloc(sizeof(*small));
	if (!small)
		return false;
	memset(small->pixels, GUARD, sizeof(small->pixels));
	for (unsigned i = 0; i < SCREEN_GRIDS; i++)
		small->grids[i].before.code = small->grids[i].after.code = GUARD;
	fb_init(&small->fb, &good, small->pixels);
	vt_init(&small->vt, COLS, ROWS, small->grids[0].cells, small->grids[1].cells);
	render_init(&small->render, &small->vt, &small->fb, small->grids[2].cells);
	return true;
}

/* Parts of sequences, so that chance makes whole ones often enough to get everywhere. */
static const char *const parts[] = {
	"\033",
	"\033[",
	"\033[?",
	"\033(0",
	"\033(B",
	"\033]",
	"1",
	"2",
	"3",
	"7",
	"99",
	";",
	"A",
	"B",
	"C",
	"D",
	"G",
	"H",
	"J",
	"K",
	"L",
	"M",
	"P",
	"S",
	"T",
	"X",
	"Z",
	"@",
	"d",
	"m",
	"r",
	"s",
	"u",
	"\033[?7l",
	"\033[?7h",
	"\033[4h",
	"\033[4l",
	"\033[?6h",
	"\033[?1049h",
	"\033[?1049l",
	"\033[99@",
	"\033[99P",
	"\033[99X",
	"\033[99L",
	"\033[99M",
	"\033[99S",
	"\033[99T",
	"\033[2;99r",
	"\033[2;3r",
	"\033[r",
	"\033[99;99H",
	"\033[2H",
	"\033[99Z",
	"\n",
	"\r",
	"\t",
	"\b",
	"x",
	"\xe4\xb8\x80",
	"\xe4\xb8\x80",
	"\xcc\x81",
};

/* One part, or one byte that may be anything; the same at every boot. */
static void write_garbage(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	uint64_t value = *state >> 33;
	uint8_t byte = (uint8_t)(value >> 8);
	const char *part = parts[value / 8 % ARRAY_SIZE(parts)];

	if (value & 7)
		vt_write(&small->vt, (const uint8_t *)part, strlen(part));
	else
		vt_write(&small->vt, &byte, 1);
	small->vt.answer_len = 0;
}

SELFTEST(M1, 15, garbage_stays_in_the_grid)
{
	static const char after[] = "\030\033c\033[41mok";
	uint64_t state = 1;
	unsigned rounds = selftest_scaled(4000);

	CHECK(begin_small());
	for (unsigned i = 0; i < rounds; i++) {
		write_garbage(&state);
		CHECK(vt_sane(&small->vt));
	}
	render_all(&small->render);
	for (unsigned i = 0; i < SCREEN_GRIDS; i++)
		CHECK(grid_guarded(&small->grids[i]));
	CHECK(pixels_guarded());
	vt_write(&small->vt, (const uint8_t *)after, sizeof(after) - 1);
	render_all(&small->render);
	CHECK(vt_row(&small->vt, 0)[1].code == 'k' && vt_row(&small->vt, 0)[1].background == 1);
	CHECK(small->pixels[2] == 0xaa && small->pixels[1] == 0); /* red */
	kfree(small);
	return true;
}

SELFTEST(M1, 15, log_lines_steer_no_terminal)
{
	char tail[40];
	size_t len;

	/* In the ring only. */
	log_set_level(LOG_DEBUG);
	log_debug("log", "control characters are replaced: \033[2J\r\b\177");
	log_set_level(LOG_INFO);
	len = log_copy_tail(tail, sizeof(tail));
	CHECK(len == sizeof(tail) && memchr(tail, '\033', len) == NULL);
	CHECK(memcmp(tail + len - 8, "?[2J???\n", 8) == 0);
	return true;
}

SELFTEST(M1, 15, screen_memory_may_be_refused)
{
	struct cell *grids[SCREEN_GRIDS];
	uint64_t before = slab_used_count();
	uint64_t free_before = frame_free_count();

	for (unsigned n = 1; n <= SCREEN_GRIDS; n++) {
		inject_arm(n);
		enum err err = screen_alloc_grids(4096 * sizeof(struct cell), grids);
		bool fired = inject_fired();

		inject_arm(0);
		CHECK(fired && err == ERR_NOMEM);
		CHECK(slab_used_count() == before && frame_free_count() == free_before);
	}
	CHECK(screen_alloc_grids(4096 * sizeof(struct cell), grids) == OK);
	screen_free_grids(grids);
	CHECK(frame_free_count() == free_before);
	return true;
}
