/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Directory records in a kernel buffer; fs/ and the file systems only. */
#include "fs/file.h"

/* Positions of "." and ".."; entries begin behind them. */
#define DIR_POS_DOT    0u
#define DIR_POS_DOTDOT 1u
#define DIR_POS_FIRST  2u

struct dir_sink {
	char *buffer;
	size_t size;
	size_t used;
	bool full; /* a record did not fit */
	bool old;  /* getdents: the type stands behind the name */
};

/**
 * Add a record. @next: the position behind it, which the reader gets back as d_off.
 * Return: false if it does not fit; the caller stops there.
 */
bool dir_emit(struct dir_sink *sink, const char *name, size_t len, uint64_t ino, uint64_t next,
	      uint32_t mode);

/** Emit "." and ".." of @file as far as its position asks for; false: full. */
bool dir_emit_dots(struct file *file, struct dir_sink *sink);

/** readdir for file systems whose names all stand in the name cache. */
enum err readdir_resident(struct file *file, struct dir_sink *sink);
