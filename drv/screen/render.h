/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * A terminal's grid on a frame buffer: what was painted is remembered, and only cells that differ
 * are painted, so that scrolling costs what it changes and the frame buffer is never read. Pure.
 */
#include "drv/screen/fb.h"
#include "drv/screen/vt.h"

struct render {
	struct vt *vt;
	struct fb *fb;
	struct cell *shown; /* vt->cols * vt->rows: what is on the screen */
	struct render_cursor {
		uint16_t x, y;
		bool visible;
	} cursor;         /* as it is painted */
	uint64_t painted; /* cells, ever */
};

/** Begin: @shown is memory for vt->cols * vt->rows cells. The frame buffer becomes black. */
void render_init(struct render *render, struct vt *vt, struct fb *fb, struct cell *shown);

/**
 * Bring the next row that has changed to the screen. Return: whether there was one.
 * Context: the terminal's lock; bounded by one row.
 */
bool render_row(struct render *render);

/** Bring all rows to the screen. */
void render_all(struct render *render);
