/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Memory as a file that stands in no directory: memfd_create(2). */
#include "fs/file.h"

/* What nobody can do with the file any more; Linux's numbers. */
#define SEAL_SEAL         1u /* add seals */
#define SEAL_SHRINK       2u
#define SEAL_GROW         4u
#define SEAL_WRITE        8u
#define SEAL_FUTURE_WRITE 16u /* but for mappings that there are */
#define SEAL_ALL          31u

/** The file system that holds them. Boot, once. Return: ERR_NOMEM. */
enum err memfd_init(void);

/** A new empty file, open for reading and writing; @name is for people. */
enum err memfd_create(const char *name, bool sealable, const struct cred *cred, struct file **out);

/** Return: ERR_PERM, ERR_BUSY (somebody can write to a mapping), ERR_INVAL (no memory file). */
enum err memfd_add_seals(struct file *file, uint32_t seals);
/** SEAL_*, or ERR_INVAL. */
int64_t memfd_seals(const struct file *file);
