/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Reader of the initramfs: cpio archives in the "newc" format (Linux,
 * Documentation/driver-api/early-userspace/buffer-format.rst), several one after the other with
 * zero bytes between. An index only: names and data are slices of the archive. Pure, bounded,
 * every size checked before it is used.
 *
 * Context: any; reads only [data, data + size).
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

#define CPIO_NAME_MAX      4096 /* with its NUL, as PATH_MAX */
#define CPIO_COMPONENT_MAX 255

struct cpio {
	const uint8_t *data;
	size_t size;
	size_t at;          /* next byte to read */
	size_t start;       /* where the current archive began: its alignment counts from here */
	bool inside;        /* between an archive's first header and its trailer */
	const char *reason; /* why cpio_next() refused; NULL before that */
};

struct cpio_entry {
	const char *name; /* without leading "/" and "./", without trailing "/"; not NUL-ended */
	size_t name_len;  /* 0: the root directory itself */
	const uint8_t *data;
	size_t size;
	uint32_t ino;
	uint32_t mode; /* file type and permissions as in st_mode */
	uint32_t uid;
	uint32_t gid;
	uint32_t nlink;
	uint32_t mtime;
	uint32_t dev_major; /* with dev_minor and ino: which hard links are one file */
	uint32_t dev_minor;
	uint32_t rdev_major;
	uint32_t rdev_minor;
};

/** Start reading; @data may be NULL when @size is 0. */
void cpio_begin(struct cpio *cpio, const void *data, size_t size);

/**
 * Get the next entry of this or the next archive.
 *
 * Promised of an entry: no component of its name is ".." or longer than CPIO_COMPONENT_MAX, the
 * name holds no NUL; the type is one of the seven; only regular files and symbolic links have
 * data, a link's is 1 to 4095 bytes without NUL. Components may still be empty or ".".
 * Of hard links (nlink > 1, same device and ino) any may carry the data, usually the last.
 *
 * Return: OK; ERR_NOENT at the end; ERR_INVAL for anything else, with cpio->reason set and
 *         every later call refused too. @entry is untouched unless OK.
 */
enum err cpio_next(struct cpio *cpio, struct cpio_entry *entry);
