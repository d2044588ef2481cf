/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/sysfs.h"

#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

#include "fs/names.h"
#include "fs/root.h"
#include "kernel/core/log.h"

static enum err make_file(const char *name, const char *text)
{
	struct path_at at = fs_root_at(name);
	struct file *file;
	enum err err = path_open(&at, O_CREAT | O_WRONLY, 0444, &file);

	if (err != OK)
		return err;
	if (file_write_kernel(file, text, strlen(text)) != (int64_t)strlen(text))
		err = ERR_NOMEM;
	file_put(file);
	return err;
}

void sys_populate(unsigned cpus)
{
	char range[24];
	static const char *const dirs[] = {"/sys", "/sys/devices", "/sys/devices/system",
					   "/sys/devices/system/cpu"};
	static const char *const files[] = {"/sys/devices/system/cpu/online",
					    "/sys/devices/system/cpu/possible",
					    "/sys/devices/system/cpu/present"};
	enum err err = OK;

	for (size_t i = 0; i < ARRAY_SIZE(dirs) && err == OK; i++) {
		struct path_at at = fs_root_at(dirs[i]);

		err = path_mkdir(&at, 0555);
	}
	if (cpus > 1)
		format_text(range, sizeof(range), "0-%u\n", cpus - 1);
	else
		strlcpy(range, "0\n", sizeof(range));
	for (size_t i = 0; i < ARRAY_SIZE(files) && err == OK; i++)
		err = make_file(files[i], range);
	if (err != OK)
		log_err("fs", "/sys is not complete: %s", err_text(err));
}
