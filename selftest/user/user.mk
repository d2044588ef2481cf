# SPDX-License-Identifier: BSD-2-Clause
# The ring-3 selftest programs: freestanding ELFs, put into the kernel's selftest section.

TEST_PROGRAMS := $(patsubst selftest/user/%.c,%,$(wildcard selftest/user/*.c))
# The programs are inputs of the tests, the same for every kernel: one compiler makes them, and a
# kernel of another compiler may say here that it takes those of build/.
TEST_ELF_DIR := $(O)/selftest
TEST_ELFS := $(TEST_PROGRAMS:%=$(TEST_ELF_DIR)/%)
TEST_CC := gcc
TEST_CFLAGS := -std=gnu2x -g -O2 -I. $(filter -D%,$(CFLAGS_EXTRA)) -ffreestanding -fno-pie -fno-stack-protector -fcf-protection=none \
	-fno-asynchronous-unwind-tables -fno-strict-aliasing -fno-ident -fvisibility=hidden \
	-ffile-prefix-map=$(CURDIR)/= -mno-red-zone -Wall -Wextra -Wshadow -Wconversion \
	-Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes $(if $(WERROR),-Werror)

$(TEST_ELF_DIR)/%: selftest/user/%.c selftest/user/user.ld
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(TEST_CC) $(TEST_CFLAGS) -MMD -MP -MT $@ -MF $@.d -c $< -o $@.o
	$(Q)ld -static -nostdlib -z noexecstack -z max-page-size=4096 --build-id=none \
		-T selftest/user/user.ld $@.o -o $@.debug
	$(Q)objcopy -S $@.debug $@

# One NASM file names and embeds them all; struct test_program in selftest/program.h.
$(O)/selftest/programs.asm: selftest/user/user.mk $(TEST_PROGRAMS:%=selftest/user/%.c) $(FLAGS_STAMP)
	@mkdir -p $(@D)
	@{ echo 'section .selftest.blob progbits alloc noexec nowrite align=16'; \
	for p in $(TEST_PROGRAMS); do \
		echo "align 16"; echo "elf_$$p: incbin \"$(TEST_ELF_DIR)/$$p\""; echo "elf_end_$$p:"; \
		echo "name_$$p: db '$$p', 0"; done; \
	echo 'section .selftest.programs progbits alloc noexec write align=8'; \
	for p in $(TEST_PROGRAMS); do echo "dq name_$$p, elf_$$p, elf_end_$$p - elf_$$p"; done; } > $@

$(O)/obj/selftest/programs.o: $(O)/selftest/programs.asm $(TEST_ELFS)
	@mkdir -p $(@D)
	$(Q)nasm -f elf64 -o $@ $<

OBJECTS += $(O)/obj/selftest/programs.o
-include $(TEST_ELFS:=.d)
