/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * epoll: which of many files have something to tell. Each watched file leaves waiters of its own in
 * the file's wait queues; what stirs goes to a list of what may be ready, and a wait looks at those
 * only, however many are watched. A watched file's last close ends the watch.
 *
 * Context of all functions: thread, may sleep.
 */
#include "fs/file.h"

#define EPOLL_ONESHOT   (1u << 30)
#define EPOLL_EDGE      (1u << 31)
#define EPOLL_WAKEUP    (1u << 29)
#define EPOLL_EXCLUSIVE (1u << 28)

/* Linux's struct epoll_event. */
struct epoll_event {
	uint32_t events;
	uint64_t data;
} __packed;
static_assert(sizeof(struct epoll_event) == 12, "epoll_ctl(2)");

enum err epoll_create(const struct cred *cred, struct file **out);

bool file_is_epoll(const struct file *file);

/*
 * epoll_ctl(2). @fd: by which number @target is watched; the same file may be watched by several.
 * Return: OK; ERR_PERM if @target has nothing to wait for; ERR_INVAL, ERR_EXIST, ERR_NOENT;
 * ERR_LOOP for epolls that would watch each other, or more than five in a row; ERR_NOMEM,
 * ERR_NOSPC.
 */
enum err epoll_add(struct file *file, struct file *target, int32_t fd,
		   const struct epoll_event *event);
enum err epoll_modify(struct file *file, struct file *target, int32_t fd,
		      const struct epoll_event *event);
enum err epoll_remove(struct file *file, struct file *target, int32_t fd);

/**
 * Up to @max events into @out, 12 bytes each. Sleeps for the first until @deadline_ns if
 * @may_sleep. Return: how many; ERR_INTR; ERR_FAULT when not one could be given.
 */
int64_t epoll_wait(struct file *file, struct io_iter *out, uint32_t max, uint64_t deadline_ns,
		   bool may_sleep);

/** The last reference to a watched @file is gone, its operations still stand. */
void epoll_forget_file(struct file *file);

/** Watches in the whole system. */
uint64_t epoll_watch_count(void);
