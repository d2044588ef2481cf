/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Between the parts of the terminal: vt_parse.c (bytes), vt_csi.c and vt_modes.c (sequences),
 * vt_style.c (colours), vt_cursor.c, vt_grid.c (cells). */
#include "drv/screen/vt.h"

/* Cells. Coordinates are within the grid; counts are cut to what is there. */
void vt_put(struct vt *vt, uint32_t code);
void vt_clear(struct vt *vt, unsigned y, unsigned from, unsigned to); /* columns [from, to) */
void vt_clear_rows(struct vt *vt, unsigned from, unsigned to);
void vt_insert_cells(struct vt *vt, unsigned count);
void vt_delete_cells(struct vt *vt, unsigned count);
void vt_scroll_up(struct vt *vt, unsigned top, unsigned count);   /* rows [top, vt->bottom) */
void vt_scroll_down(struct vt *vt, unsigned top, unsigned count); /* the same rows */
void vt_fill(struct vt *vt, uint32_t code);
void vt_all_dirty(struct vt *vt);

/* The cursor. */
void vt_line_feed(struct vt *vt);
void vt_reverse_line_feed(struct vt *vt);
void vt_go_to(struct vt *vt, int x, int y);        /* cut to the screen */
void vt_go_to_origin(struct vt *vt, int x, int y); /* y as the origin mode counts */
void vt_tab(struct vt *vt);
void vt_back_tab(struct vt *vt);

/* Sequences. */
extern const struct vt_cursor vt_first_cursor;
void vt_reset(struct vt *vt);
void vt_csi(struct vt *vt, uint8_t final);
void vt_style(struct vt *vt);              /* CSI m */
void vt_set_modes(struct vt *vt, bool on); /* CSI h and l */
void vt_save_cursor(struct vt *vt);
void vt_restore_cursor(struct vt *vt);
void vt_answer(struct vt *vt, const char *text);

/* Parameter @at; @missing where it was left out or is 0. */
unsigned vt_param(const struct vt *vt, unsigned at, unsigned missing);

static inline bool vt_has(const struct vt *vt, enum vt_mode mode)
{
	return vt->modes & mode;
}
