/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Pipes and fifos: a 64 KiB byte ring between files. */
#include "fs/file.h"

struct pipe;

/** pipe2(2) without the descriptors: files[0] reads, files[1] writes. @flags: O_NONBLOCK. */
enum err pipe_create(uint32_t flags, const struct cred *cred, struct file *files[2]);

/** The operations of a fifo's file; its open waits for the other side. */
extern const struct file_ops fifo_file_ops;

/** F_GETPIPE_SZ; ERR_BADF for other files. */
int64_t pipe_capacity(const struct file *file);

/** The bytes that a read would find (FIONREAD). */
uint64_t pipe_bytes(const struct file *file);
