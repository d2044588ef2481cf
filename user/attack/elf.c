/* SPDX-License-Identifier: BSD-2-Clause */
/* Executables that lie about themselves: each is refused, and the one who asked for it lives on. */
#include <elf.h>

#include "user/attack/attack.h"

#define BASE    0x400000UL
#define CODE_AT (sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr))
#define ANSWER  42

/* One segment of code, and room for a second header. */
struct image {
	Elf64_Ehdr header;
	Elf64_Phdr segments[2];
	uint8_t code[16];
};

/* mov $60, %eax; mov $42, %edi; syscall */
static const uint8_t leave[] = {0xb8, 60, 0, 0, 0, 0xbf, ANSWER, 0, 0, 0, 0x0f, 0x05};

static struct image honest(void)
{
	struct image image = {
		.header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			   .e_type = ET_EXEC,
			   .e_machine = EM_X86_64,
			   .e_version = EV_CURRENT,
			   .e_entry = BASE + CODE_AT,
			   .e_phoff = sizeof(Elf64_Ehdr),
			   .e_ehsize = sizeof(Elf64_Ehdr),
			   .e_phentsize = sizeof(Elf64_Phdr),
			   .e_phnum = 1},
		.segments = {{.p_type = PT_LOAD,
			      .p_flags = PF_R | PF_X,
			      .p_vaddr = BASE,
			      .p_filesz = sizeof(struct image),
			      .p_memsz = sizeof(struct image),
			      .p_align = PAGE}},
	};

	memcpy(image.code, leave, sizeof(leave));
	return image;
}

/* What execve answers, or what the program came to. */
static void execute(const void *bytes, size_t size)
{
	char path[] = "/tmp/attack-elf-XXXXXX";
	int fd = mkstemp(path), status;
	pid_t pid;

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || fchmod(fd, 0755))
		saw_answer(-1);
	close(fd);
	pid = fork();
	if (pid == 0) {
		execl(path, "liar", (char *)NULL);
		_exit(100 + errno);
	}
	status = status_of(pid);
	unlink(path);
	if (WIFSIGNALED(status))
		saw("signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) >= 100)
		saw("%s", errno_name(WEXITSTATUS(status) - 100));
	saw("ran, status %d", WEXITSTATUS(status));
}

/* name, what is changed, what must happen, protection, Linux (NULL: the same) */
#define LIES(X)                                                                                   \
	X(honest, (void)image, "ran, status 42", "none: the twin that must run", NULL)            \
	X(class32, image.header.e_ident[EI_CLASS] = ELFCLASS32, "ENOEXEC", "64 bits only", "*")   \
	X(machine, image.header.e_machine = EM_ARM, "ENOEXEC", "x86-64 only", "*")                \
	X(type, image.header.e_type = ET_CORE, "ENOEXEC", "programs only", "*")                   \
	X(no_headers, image.header.e_phnum = 0, "ENOEXEC", "counts checked", "*")                 \
	X(many_headers, image.header.e_phnum = 65535, "ENOEXEC", "counts checked", "*")           \
	X(header_size, image.header.e_phentsize = 1, "ENOEXEC", "counts checked", "*")            \
	X(headers_wrap, image.header.e_phoff = UINT64_MAX - 8, "ENOEXEC", "checked sums", "*")    \
	X(headers_outside, image.header.e_phoff = 1UL << 40, "ENOEXEC", "checked sums", "*")      \
	X(into_kernel, image.segments[0].p_vaddr = KERNEL_TEXT, "ENOMEM", "user limit", "*")      \
	X(into_null, image.segments[0].p_vaddr = 0, "EPERM", "first 64 KiB", "*")                 \
	X(over_the_limit, image.segments[0].p_vaddr = USER_LIMIT - PAGE;                          \
	  image.segments[0].p_memsz = 2 * PAGE, "ENOMEM", "user limit", "*")                      \
	X(size_wraps, image.segments[0].p_memsz = UINT64_MAX - PAGE, "EINVAL", "checked sums",    \
	  "*")                                                                                    \
	X(file_over_memory, image.segments[0].p_memsz = 8, "EINVAL", "file part fits", "*")       \
	X(file_behind_end, image.segments[0].p_filesz = image.segments[0].p_memsz = 1 << 20,      \
	  "ENOEXEC", "file part is there", "*")                                                   \
	X(offset_wraps, image.segments[0].p_offset = UINT64_MAX - PAGE + 1, "ENOEXEC",            \
	  "checked sums", "*")                                                                    \
	X(huge_memory, image.header.e_phnum = 2;                                                  \
	  image.segments[1] = ((Elf64_Phdr){.p_type = PT_LOAD,                                    \
					    .p_flags = PF_R | PF_W,                               \
					    .p_vaddr = BASE + (1 << 20),                          \
					    .p_memsz = 1UL << 45}),                               \
	  "ENOMEM", "memory is charged when mapped", "*")                                         \
	X(odd_alignment, image.segments[0].p_align = 3, "ENOEXEC", "powers of two", "*")          \
	X(writable_code, image.segments[0].p_flags = PF_R | PF_W | PF_X, "EACCES", "W^X", "*")    \
	X(executable_stack, image.header.e_phnum = 2;                                             \
	  image.segments[1] =                                                                     \
		  ((Elf64_Phdr){.p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W | PF_X}),          \
	  "EACCES", "W^X", "*")                                                                   \
	X(entry_outside, image.header.e_entry = 0x500000, "E*", "entry in code only", "*")        \
	X(entry_in_kernel, image.header.e_entry = KERNEL_TEXT, "E*", "entry in code only", "*")   \
	X(overlapping, image.header.e_phnum = 2; image.segments[1] = image.segments[0];           \
	  image.segments[1].p_flags = PF_R | PF_W, "E*", "segments in order", "*")                \
	X(interpreter_itself, image.header.e_phnum = 2;                                           \
	  image.segments[1] =                                                                     \
		  ((Elf64_Phdr){.p_type = PT_INTERP, .p_offset = 1, .p_filesz = 5000}),           \
	  "E*", "name's length checked", "*")                                                     \
	X(interpreter_wraps, image.header.e_phnum = 2;                                            \
	  image.segments[1] =                                                                     \
		  ((Elf64_Phdr){.p_type = PT_INTERP, .p_offset = UINT64_MAX - 1, .p_filesz = 8}), \
	  "E*", "checked sums", "*")

#define FUNCTION(name, change, expect, by, linux_too) \
	static void lie_##name(void)                  \
	{                                             \
		struct image image = honest();        \
                                                      \
		change;                               \
		execute(&image, sizeof(image));       \
	}
LIES(FUNCTION)

static void cut_everywhere(void)
{
	struct image image = honest();
	char path[] = "/tmp/attack-elf-XXXXXX";
	size_t refused = 0;
	int fd = mkstemp(path);

	close(fd);
	for (size_t len = 0; len < CODE_AT; len++) {
		fd = open(path, O_WRONLY | O_TRUNC);
		if (fd < 0 || write(fd, &image, len) != (ssize_t)len || fchmod(fd, 0755))
			saw_answer(-1);
		close(fd);
		refused += execl(path, "cut", (char *)NULL) == -1;
	}
	unlink(path);
	saw_count(refused, CODE_AT, "refused");
}

/* A script whose interpreter is the script. */
static void script_of_itself(void)
{
	char path[] = "/tmp/attack-elf-XXXXXX", line[64];
	int fd = mkstemp(path), n = snprintf(line, sizeof(line), "#!%s\n", path), error;

	if (fd < 0 || write(fd, line, (size_t)n) != n || fchmod(fd, 0755))
		saw_answer(-1);
	close(fd);
	execl(path, "script", (char *)NULL);
	error = errno;
	unlink(path);
	errno = error;
	saw_answer(-1);
}

#define ROW(name, change, expect, by, linux_too) \
	{"elf/" #name, lie_##name, expect, by, linux_too, false},

const struct attack elf_attacks[] = {
	LIES(ROW){"elf/cut_everywhere", cut_everywhere, "176 of 176 refused", "counts checked", "*",
		  false},
	{"elf/script_of_itself", script_of_itself, "E*", "depth of scripts", NULL, false},
	ATTACKS_END,
};
