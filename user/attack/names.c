/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and figures that the report needs. */
#include <sys/utsname.h>

#include "user/attack/attack.h"

#define NAME(e) \
	case e: \
		return #e

const char *errno_name(int error)
{
	static char number[16];

	switch (error) {
		NAME(EPERM);
		NAME(ENOENT);
		NAME(ESRCH);
		NAME(EINTR);
		NAME(EIO);
		NAME(ENXIO);
		NAME(E2BIG);
		NAME(ENOEXEC);
		NAME(EBADF);
		NAME(EAGAIN);
		NAME(ENOMEM);
		NAME(EACCES);
		NAME(EFAULT);
		NAME(EBUSY);
		NAME(EEXIST);
		NAME(ENODEV);
		NAME(EINVAL);
		NAME(ENFILE);
		NAME(EMFILE);
		NAME(ENOTTY);
		NAME(ETXTBSY);
		NAME(EFBIG);
		NAME(ENOSPC);
		NAME(EROFS);
		NAME(EMLINK);
		NAME(EPIPE);
		NAME(ENAMETOOLONG);
		NAME(ENOLCK);
		NAME(ERANGE);
		NAME(ENOSYS);
		NAME(ELOOP);
		NAME(EOPNOTSUPP);
	default:
		snprintf(number, sizeof(number), "errno %d", error);
		return number;
	}
}

bool on_bartizan(void)
{
	struct utsname name;

	return uname(&name) == 0 && strstr(name.release, "bartizan");
}

const char *text_of(const char *path)
{
	static char text[4096];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = 0;
	return text;
}

long meminfo(const char *name)
{
	const char *line = strstr(text_of("/proc/meminfo"), name);

	return line ? strtol(line + strlen(name) + 1, NULL, 10) : 0;
}
