/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * syslog(2), which C libraries call klogctl: the kernel's log, root's alone to read. Its lines are
 * given as Linux does, "<6>[    1.234567] fs: text".
 */
#include "kernel/lib/bits.h"
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

#include "kernel/core/log.h"
#include "mm/slab.h"
#include "mm/usercopy.h"
#include "sec/cred.h"
#include "syscall/user.h"

enum action {
	SYSLOG_CLOSE,
	SYSLOG_OPEN,
	SYSLOG_READ,
	SYSLOG_READ_ALL,
	SYSLOG_READ_CLEAR,
	SYSLOG_CLEAR,
	SYSLOG_CONSOLE_OFF,
	SYSLOG_CONSOLE_ON,
	SYSLOG_CONSOLE_LEVEL,
	SYSLOG_SIZE_UNREAD,
	SYSLOG_SIZE_BUFFER,
};

/* Lines are written under any lock, so they wake nobody: a reader looks again. */
#define LOOK_AGAIN_NS (NS_PER_SEC / 4)

/* "<6>" in place of the level's letter and its blank. */
#define RECORD_BYTES (LOG_LINE_MAX + 8u)

static uint64_t cleared; /* where READ_ALL begins */
static uint64_t unread;  /* where READ goes on */

static size_t make_record(const char *line, size_t len, char record[RECORD_BYTES])
{
	static const uint8_t numbers[] = {
		[LOG_ERR] = 3, [LOG_WARN] = 4, [LOG_INFO] = 6, [LOG_DEBUG] = 7};
	const char *tag = memchr(line, ']', len);
	size_t stamp = tag ? (size_t)(tag - line) + 2 : 0;
	size_t text = tag ? stamp + 2 : 0;
	size_t at = format_text(record, RECORD_BYTES, "<%u>", numbers[log_line_level(line, len)]);

	if (text > len)
		return 0;
	memcpy(record + at, line, stamp);
	memcpy(record + at + stamp, line + text, len - text);
	at += stamp + len - text;
	record[at++] = '\n';
	return at;
}

/* The next record from *@from on, or 0. */
static size_t next_record(uint64_t *from, char record[RECORD_BYTES])
{
	char line[LOG_LINE_MAX + 2];
	size_t len = log_copy_line(from, line);

	return len ? make_record(line, len, record) : 0;
}

/* Where the records begin of which @size bytes hold as many of the newest as fit. */
static uint64_t begin_of_tail(uint64_t from, size_t size)
{
	char record[RECORD_BYTES];
	uint64_t at = from, total = 0;
	size_t len;

	while ((len = next_record(&at, record)))
		total += len;
	for (at = from; total > size && (len = next_record(&at, record));)
		total -= len;
	return at;
}

/* Whole records from *@from on. Return: bytes given, or ERR_FAULT. */
static int64_t give_records(uint64_t *from, struct uaddr to, size_t size)
{
	char record[RECORD_BYTES];
	size_t given = 0, len;
	uint64_t next = *from;

	while ((len = next_record(&next, record)) && len <= size - given) {
		if (copy_to_user((struct uaddr){to.raw + given}, record, len) != OK)
			return ERR_FAULT;
		given += len;
		*from = next;
	}
	return (int64_t)given;
}

static int64_t read_all(struct uaddr to, int32_t size, bool clear)
{
	uint64_t from = begin_of_tail(READ_ONCE(cleared), (size_t)size);
	int64_t given = give_records(&from, to, (size_t)size);

	if (clear && given >= 0)
		WRITE_ONCE(cleared, log_end());
	return given;
}

/* Waits for a line, and takes what is there. */
static int64_t read_new(struct uaddr to, int32_t size)
{
	int64_t given;

	while (READ_ONCE(unread) >= log_end())
		if (wait_until(time_now_ns() + LOOK_AGAIN_NS, WAIT_INTERRUPTIBLE) == WAIT_INTR)
			return ERR_RESTARTSYS;
	given = give_records(&unread, to, (size_t)size);
	return given;
}

static int64_t size_unread(void)
{
	char record[RECORD_BYTES];
	uint64_t at = READ_ONCE(unread);
	int64_t total = 0;
	size_t len;

	while ((len = next_record(&at, record)))
		total += (int64_t)len;
	return total;
}

/* Linux's 1 to 8: how urgent a line must be at least, 1 shows nothing but what ends the system. */
static int64_t set_console_level(int32_t level)
{
	if (level < 1 || level > 8)
		return ERR_INVAL;
	log_set_console_level(level > 7   ? LOG_DEBUG
			      : level > 6 ? LOG_INFO
			      : level > 4 ? LOG_WARN
					  : LOG_ERR);
	return OK;
}

static int64_t read_action(enum action action, struct uaddr to, int32_t size)
{
	if (!to.raw || size < 0)
		return ERR_INVAL;
	if (!size)
		return 0;
	return action == SYSLOG_READ ? read_new(to, size)
				     : read_all(to, size, action == SYSLOG_READ_CLEAR);
}

int64_t sys_syslog(struct trapframe *frame)
{
	uint32_t action = arg_u32(frame, 0);

	if (!cred_can(cred_current(), CAP_SYSLOG))
		return ERR_PERM;
	switch (action) {
	case SYSLOG_CLOSE:
	case SYSLOG_OPEN:
		return 0;
	case SYSLOG_READ:
	case SYSLOG_READ_ALL:
	case SYSLOG_READ_CLEAR:
		return read_action((enum action)action, arg_uaddr(frame, 1), arg_int(frame, 2));
	case SYSLOG_CLEAR:
		WRITE_ONCE(cleared, log_end());
		return 0;
	case SYSLOG_CONSOLE_OFF:
		return set_console_level(1);
	case SYSLOG_CONSOLE_ON:
		return set_console_level(8);
	case SYSLOG_CONSOLE_LEVEL:
		return set_console_level(arg_int(frame, 2));
	case SYSLOG_SIZE_UNREAD:
		return size_unread();
	case SYSLOG_SIZE_BUFFER:
		return LOG_RING_BYTES;
	default:
		return ERR_INVAL;
	}
}
