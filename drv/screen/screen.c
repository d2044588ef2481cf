/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/screen.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "drv/screen/log_line.h"
#include "drv/screen/render.h"
#include "drv/screen/screen_internal.h"
#include "drv/typed.h"
#include "kernel/core/log.h"
#include "kernel/core/panic.h"
#include "mm/kmap.h"
#include "mm/kstack.h"
#include "mm/slab.h"

/* Bytes a lock is held for: each may clear the whole grid. */
#define STEP_BYTES 8u
#define FRAME_NS   (NS_PER_SEC / 60)
/* The main grid, all of it, line feeds that return the carriage; bright white on red. */
#define PANIC_START "\033[?1049l\033[r\033[20h\033[999;1H\r\n\033[0;1;37;41m"

static struct spinlock screen_lock = SPINLOCK_INIT(LOCK_SCREEN);
/* All under the lock. */
static struct vt vt;
static struct fb fb;
static struct render render;
static bool present __ro_after_init;
static bool changed; /* there may be something to paint */
static bool panicked;
static struct wait_queue work = WAIT_QUEUE_INIT(work);
static struct kthread painter;
static bool painter_runs;

bool screen_present(void)
{
	return present;
}

/* A panic takes no lock, and may have come while the terminal was being changed. */
static void show_panic(const char *text, size_t len)
{
	if (!panicked) {
		panicked = true;
		if (!vt_sane(&vt))
			vt_init(&vt, vt.cols, vt.rows, vt.grids[0].cells, vt.grids[1].cells);
		vt.parser.state = VT_GROUND;
		vt_write(&vt, (const uint8_t *)PANIC_START, sizeof(PANIC_START) - 1);
	}
	vt_write(&vt, (const uint8_t *)text, len);
	render_all(&render);
}

static void show_log(const char *text, size_t len)
{
	uint8_t line[LOG_LINE_COLOURED_MAX];
	uint64_t flags;

	if (panic_in_progress())
		return;
	len = log_line_colour(text, len, line);
	flags = spin_lock_irqsave(&screen_lock);
	vt_write_aside(&vt, line, len);
	render_all(&render);
	spin_unlock_irqrestore(&screen_lock, flags);
}

static struct log_sink log_sink = {
	.write = show_log,
	.max_level = LOG_INFO,
};

void screen_free_grids(struct cell *grids[SCREEN_GRIDS])
{
	for (unsigned i = 0; i < SCREEN_GRIDS; i++)
		kfree(grids[i]);
}

enum err screen_alloc_grids(size_t bytes, struct cell *grids[SCREEN_GRIDS])
{
	bool all = true;

	for (unsigned i = 0; i < SCREEN_GRIDS; i++) {
		grids[i] = kmalloc(bytes);
		all &= grids[i] != NULL;
	}
	if (!all)
		screen_free_grids(grids);
	return all ? OK : ERR_NOMEM;
}

static enum err begin_grid(void)
{
	struct cell *grids[SCREEN_GRIDS];
	enum err err = screen_alloc_grids((size_t)fb.cols * fb.rows * sizeof(struct cell), grids);

	if (err != OK)
		return err;
	vt_init(&vt, fb.cols, fb.rows, grids[0], grids[1]);
	render_init(&render, &vt, &fb, grids[2]);
	return OK;
}

void screen_init(const struct boot_framebuffer *framebuffer)
{
	uint64_t size;
	enum err err = fb_check(framebuffer, &size);
	void *base;

	if (err == ERR_NODEV)
		return;
	if (err != OK) {
		log_warn("screen", "the loader's frame buffer makes no sense: left alone");
		return;
	}
	base = kmap(phys(framebuffer->phys), size, KMAP_FRAMES);
	if (!base) {
		log_warn("screen", "the loader's frame buffer cannot be mapped");
		return;
	}
	fb_init(&fb, framebuffer, base);
	if (begin_grid() != OK) {
		log_warn("screen", "no memory for the screen");
		kunmap(base, size);
		return;
	}
	present = true;
	log_add_sink(&log_sink);
	panic_show_on(show_panic);
	log_info("screen", "%ux%u pixels, %ux%u characters", fb.width, fb.height, vt.cols, vt.rows);
}

/* One row under the lock. Return: whether there was one to paint. */
static bool paint_some(void)
{
	uint64_t flags = spin_lock_irqsave(&screen_lock);
	bool more = render_row(&render);

	if (!more)
		changed = false;
	spin_unlock_irqrestore(&screen_lock, flags);
	return more;
}

/* What comes within a frame's time is painted once: a flood of output scrolls for free. */
static void paint(void *arg)
{
	(void)arg;
	for (;;) {
		(void)wait_event(&work, READ_ONCE(changed), TIME_NEVER, WAIT_KILLABLE);
		while (paint_some())
			preempt_point();
		(void)wait_until(time_now_ns() + FRAME_NS, WAIT_KILLABLE);
	}
}

void screen_start(void)
{
	char *stack;

	if (!present)
		return;
	stack = kstack_alloc();
	if (!stack) {
		log_warn("screen", "no memory for the painter: the screen will be slow");
		return;
	}
	painter_runs = true;
	kthread_create(&painter, paint, NULL, "screen", stack, stack + KSTACK_SIZE);
}

/* One step of screen_write(). Return: the bytes of an answer in @answer. */
static uint32_t write_some(const uint8_t *bytes, size_t len, uint8_t answer[VT_ANSWER_MAX])
{
	uint64_t flags = spin_lock_irqsave(&screen_lock);
	uint32_t answered;

	vt_write(&vt, bytes, len);
	answered = vt.answer_len;
	memcpy(answer, vt.answer, answered);
	vt.answer_len = 0;
	changed = true;
	if (!painter_runs)
		render_all(&render);
	spin_unlock_irqrestore(&screen_lock, flags);
	return answered;
}

void screen_write(const uint8_t *bytes, size_t len)
{
	uint8_t answer[VT_ANSWER_MAX];

	while (len) {
		size_t step = MIN(len, (size_t)STEP_BYTES);
		uint32_t answered = write_some(bytes, step, answer);

		if (answered)
			typed_put(answer, answered);
		bytes += step;
		len -= step;
	}
	wait_wake_all(&work);
}

struct screen_size screen_size(void)
{
	return (struct screen_size){vt.cols, vt.rows, (uint16_t)fb.width, (uint16_t)fb.height};
}

bool screen_app_cursor(void)
{
	return READ_ONCE(vt.modes) & VT_APP_CURSOR;
}

uint64_t screen_painted_count(void)
{
	return READ_ONCE(render.painted);
}
