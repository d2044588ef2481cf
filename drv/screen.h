/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The screen of a machine with a frame buffer: a text console (drv/screen/vt.h) that shows the log
 * and what is written to its terminal. Output changes cells at once and is painted by a thread of
 * its own, up to 60 times a second; the log is painted as it comes, and a panic's report too.
 */
#include "kernel/lib/types.h"

struct boot_framebuffer;

struct screen_size {
	uint16_t cols, rows;
	uint16_t width, height; /* pixels */
};

/**
 * Take the frame buffer that the loader names, if there is a usable one, and show the log on it.
 * Context: boot, after mm_init.
 */
void screen_init(const struct boot_framebuffer *framebuffer);

/** From here on a thread paints what is written. Context: boot, after sched_init. */
void screen_start(void);

/** Whether there is a screen: false, and the others below are not to be called. */
bool screen_present(void);

/**
 * Output of the terminal, UTF-8 and escape sequences: all of it is taken.
 * Context: thread; takes LOCK_SCREEN for a few bytes at a time.
 */
void screen_write(const uint8_t *bytes, size_t len);

struct screen_size screen_size(void);

/** Whether a program has asked for application cursor keys. Context: any; a hint. */
bool screen_app_cursor(void);

/** Cells painted since boot, for tests. */
uint64_t screen_painted_count(void);
