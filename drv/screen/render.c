/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/screen/render.h"

#include "kernel/lib/string.h"

void render_init(struct render *render, struct vt *vt, struct fb *fb, struct cell *shown)
{
	*render = (struct render){.vt = vt, .fb = fb, .shown = shown};
	fb_clear(fb);
	/* Black is how these look; the first pass paints what is not. */
	for (size_t at = 0; at < (size_t)vt->cols * vt->rows; at++)
		shown[at] = (struct cell){
			.code = ' ', .foreground = CELL_FOREGROUND, .background = CELL_BACKGROUND};
	memset(vt->dirty, 1, vt->rows);
}

/* A cell as it is to be seen: with the cursor and a reversed screen. */
static struct cell seen(const struct vt *vt, const struct cell *cell, unsigned x, unsigned y)
{
	struct cell wanted = *cell;

	if (vt->modes & VT_REVERSED)
		wanted.flags ^= CELL_REVERSE;
	if (vt->modes & VT_CURSOR && x == vt->cursor.x && y == vt->cursor.y)
		wanted.flags ^= CELL_REVERSE;
	return wanted;
}

static bool same(const struct cell *a, const struct cell *b)
{
	return __builtin_memcmp(a, b, sizeof(*a)) == 0;
}

static void paint_row(struct render *render, unsigned y)
{
	struct vt *vt = render->vt;
	const struct cell *row = vt_row(vt, y);
	struct cell *shown = render->shown + (size_t)y * vt->cols;

	for (unsigned x = 0; x < vt->cols; x++) {
		struct cell wanted = seen(vt, &row[x], x, y);

		if (same(&wanted, &shown[x]))
			continue;
		shown[x] = wanted;
		fb_paint(render->fb, x, y, &wanted);
		render->painted++;
	}
	vt->dirty[y] = 0;
}

/* The rows where the cursor was and where it is, when they are not painted so yet. */
static void follow_cursor(struct render *render)
{
	struct vt *vt = render->vt;
	struct render_cursor *cursor = &render->cursor;
	bool visible = vt->modes & VT_CURSOR;

	if (cursor->x == vt->cursor.x && cursor->y == vt->cursor.y && cursor->visible == visible)
		return;
	vt->dirty[cursor->y] = 1;
	vt->dirty[vt->cursor.y] = 1;
	*cursor = (struct render_cursor){vt->cursor.x, vt->cursor.y, visible};
}

bool render_row(struct render *render)
{
	const uint8_t *row;

	follow_cursor(render);
	row = memchr(render->vt->dirty, 1, render->vt->rows);
	if (!row)
		return false;
	paint_row(render, (unsigned)(row - render->vt->dirty));
	return true;
}

void render_all(struct render *render)
{
	while (render_row(render))
		;
}
