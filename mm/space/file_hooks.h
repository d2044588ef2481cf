/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The files behind areas: opaque here, counted by fs/ (defined in fs/file.c). */

/** One more area holds this file. */
void area_file_get(void *file);
/** An area that held it is gone. */
void area_file_put(void *file);
