/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The kernel's log: lines with a level, an area and a time, kept in a ring (dmesg) and written to
 * the console sinks. log_info("fs", "mounted %s", name); the newline is added, other control
 * characters become question marks.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Longer lines are cut. */
#define LOG_LINE_MAX 240

#define log_err(area, ...)   log_write(LOG_ERR, area, __VA_ARGS__)
#define log_warn(area, ...)  log_write(LOG_WARN, area, __VA_ARGS__)
#define log_info(area, ...)  log_write(LOG_INFO, area, __VA_ARGS__)
#define log_debug(area, ...) log_write(LOG_DEBUG, area, __VA_ARGS__)

/* Context: any. Lines above the ring's level are dropped before they are formatted. */
void log_write(enum log_level level, const char *area, const char *format, ...) __printf(3, 4);

/*
 * Where lines go besides the ring. write gets a line at a time, its line feed with it, and takes no
 * lock that a log call may be made under.
 */
struct log_sink {
	void (*write)(const char *text, size_t len);
	enum log_level max_level;
	struct log_sink *next;
};

/* Adds a sink (static storage) and gives it the lines that are in the ring. Context: boot. */
void log_add_sink(struct log_sink *sink);

/* Lines above this level are dropped; LOG_INFO at boot. */
void log_set_level(enum log_level level);

/* For selftests that provoke the same error many times. */
void log_mute(bool mute);

#define LOG_RING_BYTES (64u << 10)

/** Bytes ever written: a position behind the newest line. Context: any. */
uint64_t log_end(void);

/**
 * Copies one line from position *@from on, without its line feed; *@from moves behind it. What the
 * ring has lost is passed over. Return: its length; 0: there is none. Context: as log_write().
 */
size_t log_copy_line(uint64_t *from, char line[LOG_LINE_MAX + 2]);

/** The level of a line's text as kept in the ring. */
enum log_level log_line_level(const char *line, size_t len);

/** The console shows lines up to @level only; the ring keeps all. */
void log_set_console_level(enum log_level level);

/*
 * Copies the newest size bytes of the ring, or fewer, oldest first; returns how many.
 * Context: any but a panic with the log's lock broken (use log_tail_unlocked there).
 */
size_t log_copy_tail(char *to, size_t size);
size_t log_tail_unlocked(char *to, size_t size);
