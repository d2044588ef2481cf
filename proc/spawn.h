/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Processes that the kernel itself starts. They have no parent, user and group 0, the console as
 * descriptors 0 to 2, and lead a session of their own.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

struct file;
struct process;

/**
 * Start an executable file; it runs as soon as the caller sleeps.
 * @flags: PROCESS_INIT, PROCESS_TEST, PROCESS_KERNEL_WAITS.
 * @out: the process; with PROCESS_KERNEL_WAITS it stays valid until process_wait_kernel().
 * Return: OK, or what execve would answer. Context: thread, may sleep.
 */
enum err process_spawn(struct file *file, const char *name, const char *const *argv,
		       const char *const *envp, uint32_t flags, struct process **out);

/** The same by path, as root in the root file system. */
enum err process_spawn_path(const char *path, const char *const *argv, const char *const *envp,
			    uint32_t flags, struct process **out);
