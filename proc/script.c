/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/script.h"

#include "kernel/lib/string.h"

#include "fs/context.h"
#include "fs/names.h"
#include "mm/slab.h"
#include "proc/exec_strings.h"
#include "proc/shebang.h"

#define SCRIPT_DEPTH_MAX 4u

/* The file that is really loaded, as far as `#!` lines have been followed. */
struct program {
	struct file *file;
	char *interpreter; /* the name of the last script's interpreter, or NULL */
	struct fs_context *fs;
	const struct cred *cred;
};

/* One `#!` line: the arguments change, the interpreter becomes the program. ERR_NOEXEC: no script.
 */
static enum err follow_script(struct program *program, const char *name,
			      struct exec_strings *strings)
{
	char line[SHEBANG_BYTES];
	struct shebang script;
	struct file *file;
	int64_t have = file_read_kernel(program->file, line, sizeof(line), 0);

	if (have < 0)
		return (enum err)have;
	enum err err = shebang_parse(line, (size_t)have, &script);
	if (err != OK)
		return err;
	err = exec_strings_put_script(strings, script.interpreter, script.interpreter_len,
				      script.argument, script.argument_len,
				      program->interpreter ? program->interpreter : name);
	char *path = kzalloc(script.interpreter_len + 1);
	if (err != OK || !path) {
		kfree(path);
		return err != OK ? err : ERR_NOMEM;
	}
	memcpy(path, script.interpreter, script.interpreter_len);
	err = path_open_exec(
		&(struct path_at){.context = program->fs, .cred = program->cred, .name = path},
		LOOKUP_FOLLOW, &file);
	if (err != OK) {
		kfree(path);
		return err;
	}
	file_put(program->file);
	kfree(program->interpreter);
	program->file = file;
	program->interpreter = path;
	return OK;
}

static bool is_script(struct file *file)
{
	char mark[2];

	return file_read_kernel(file, mark, sizeof(mark), 0) == sizeof(mark) && mark[0] == '#' &&
	       mark[1] == '!';
}

static enum err follow_scripts(struct program *program, const char *name,
			       struct exec_strings *strings)
{
	for (unsigned depth = 0; is_script(program->file); depth++) {
		enum err err =
			depth > SCRIPT_DEPTH_MAX ? ERR_LOOP : follow_script(program, name, strings);
		if (err != OK)
			return err;
	}
	return OK;
}

enum err script_find_program(struct file *file, const char *name, struct fs_context *fs,
			     const struct cred *cred, struct exec_strings *strings,
			     struct file **out)
{
	struct program program = {.file = file_get(file), .fs = fs, .cred = cred};
	enum err err = follow_scripts(&program, name, strings);

	kfree(program.interpreter);
	if (err == OK)
		*out = program.file;
	else
		file_put(program.file);
	return err;
}
