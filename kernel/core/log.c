/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/log.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

#include "kernel/core/panic.h"
#include "kernel/core/spinlock.h"
#include "kernel/core/time.h"

#define RING_BYTES LOG_RING_BYTES

static char ring[RING_BYTES];
static uint64_t ring_end; /* bytes ever written; the ring holds the last RING_BYTES of them */
static struct log_sink *sinks;
static enum log_level level_max = LOG_INFO;
static enum log_level console_max = LOG_DEBUG;
static bool muted;
static struct spinlock log_lock = SPINLOCK_INIT(LOCK_LOG);

static const char level_tag[] = {
	[LOG_ERR] = 'E', [LOG_WARN] = 'W', [LOG_INFO] = 'I', [LOG_DEBUG] = 'D'};

static void ring_put(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		ring[ring_end++ % RING_BYTES] = text[i];
}

/* What a program had a part in, such as its name, steers no terminal. */
static void make_printable(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = '?';
}

static void write_locked(enum log_level level, const char *text, size_t len)
{
	ring_put(text, len);
	for (struct log_sink *sink = sinks; sink; sink = sink->next)
		if (level <= sink->max_level && level <= console_max)
			sink->write(text, len);
}

void log_write(enum log_level level, const char *area, const char *format, ...)
{
	char line[LOG_LINE_MAX + 2];
	uint64_t now_us = time_now_ns() / NS_PER_US;
	va_list args;

	if (level > level_max || muted)
		return;
	size_t len = format_text(line, LOG_LINE_MAX, "[%5lu.%06lu] %c %s: ", now_us / 1000000,
				 now_us % 1000000, level_tag[level], area);
	va_start(args, format);
	len += format_text_va(line + len, LOG_LINE_MAX - len, format, args);
	va_end(args);
	len = MIN(len, (size_t)LOG_LINE_MAX - 1);
	make_printable(line, len);
	line[len++] = '\n';
	if (panic_in_progress()) {
		write_locked(level, line, len);
		return;
	}
	uint64_t flags = spin_lock_irqsave(&log_lock);
	write_locked(level, line, len);
	spin_unlock_irqrestore(&log_lock, flags);
}

size_t log_tail_unlocked(char *to, size_t size)
{
	uint64_t have = MIN(ring_end, (uint64_t)RING_BYTES);
	size_t count = MIN(size, (size_t)have);

	for (size_t i = 0; i < count; i++)
		to[i] = ring[(ring_end - count + i) % RING_BYTES];
	return count;
}

size_t log_copy_tail(char *to, size_t size)
{
	uint64_t flags = spin_lock_irqsave(&log_lock);
	size_t count = log_tail_unlocked(to, size);

	spin_unlock_irqrestore(&log_lock, flags);
	return count;
}

uint64_t log_end(void)
{
	return READ_ONCE(ring_end);
}

/* Behind the first line feed at or after @from: the rest of a line that was overwritten is none. */
static uint64_t next_line_locked(uint64_t from)
{
	while (from < ring_end && ring[from % RING_BYTES] != '\n')
		from++;
	return MIN(from + 1, ring_end);
}

size_t log_copy_line(uint64_t *from, char line[LOG_LINE_MAX + 2])
{
	uint64_t flags = spin_lock_irqsave(&log_lock);
	size_t len = 0;

	if (ring_end - *from > RING_BYTES)
		*from = next_line_locked(ring_end - RING_BYTES);
	while (*from + len < ring_end && len <= LOG_LINE_MAX) {
		line[len] = ring[(*from + len) % RING_BYTES];
		if (line[len] == '\n')
			break;
		len++;
	}
	*from = MIN(*from + len + 1, ring_end);
	spin_unlock_irqrestore(&log_lock, flags);
	return len;
}

/* "[    0.123456] I area: text" */
enum log_level log_line_level(const char *line, size_t len)
{
	const char *tag = memchr(line, ']', len);

	for (enum log_level level = LOG_ERR; tag && level <= LOG_DEBUG; level++)
		if (tag + 2 < line + len && tag[2] == level_tag[level])
			return level;
	return LOG_INFO;
}

void log_set_console_level(enum log_level level)
{
	console_max = level;
}

static void replay(const struct log_sink *sink)
{
	uint64_t start = ring_end > RING_BYTES ? ring_end - RING_BYTES : 0;
	char line[LOG_LINE_MAX + 1];
	size_t len = 0;

	for (uint64_t at = start; at < ring_end; at++) {
		line[len++] = ring[at % RING_BYTES];
		if (line[len - 1] == '\n' || len == sizeof(line)) {
			sink->write(line, len);
			len = 0;
		}
	}
}

void log_add_sink(struct log_sink *sink)
{
	uint64_t flags = spin_lock_irqsave(&log_lock);

	replay(sink);
	sink->next = sinks;
	sinks = sink;
	spin_unlock_irqrestore(&log_lock, flags);
}

void log_set_level(enum log_level level)
{
	level_max = level;
}

void log_mute(bool mute)
{
	muted = mute;
}
