/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What the attack programs share: the first check that fails says where and ends the program. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                                                                         \
	do {                                                                                     \
		if (!(condition)) {                                                              \
			printf("%s:%d: %s (errno %d)\n", __FILE__, __LINE__, #condition, errno); \
			fflush(stdout);                                                          \
			_exit(1);                                                                \
		}                                                                                \
	} while (0)

#define FAILS(call, with)                        \
	({                                       \
		errno = 0;                       \
		(call) == -1 && errno == (with); \
	})

/* clone(2) without a stack of its own: a fork with flags. */
static inline long clone_like_fork(unsigned long flags, unsigned long tls)
{
	return syscall(SYS_clone, flags, 0, 0, 0, tls);
}

static inline int wait_status(pid_t pid)
{
	int status = -1;

	return waitpid(pid, &status, 0) == pid ? status : -1;
}
