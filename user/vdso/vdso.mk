# SPDX-License-Identifier: BSD-2-Clause
# The vDSO's image, embedded in the kernel. The programs' side of the interface: one compiler for all.

VDSO_CC := gcc
VDSO_CFLAGS := -std=gnu2x -g -O2 -I. -ffreestanding -fpic -fvisibility=default -fno-stack-protector \
	-fcf-protection=none -fasynchronous-unwind-tables -fno-ident -fno-strict-aliasing \
	-ffile-prefix-map=$(CURDIR)=. -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes $(if $(WERROR),-Werror)
VDSO_LDFLAGS := -shared -nostdlib -Bsymbolic -soname=linux-vdso.so.1 --hash-style=both --eh-frame-hdr \
	--build-id=none -z noexecstack -z max-page-size=4096 -T user/vdso/vdso.ld

$(O)/vdso/vdso.so: user/vdso/vdso.c user/vdso/vdso.ld user/vdso/vdso.mk
	$(call say,VDSO,$@)
	@mkdir -p $(@D)
	$(Q)$(VDSO_CC) $(VDSO_CFLAGS) -MMD -MP -MT $@ -MF $@.d -c $< -o $@.o
	$(Q)ld $(VDSO_LDFLAGS) $@.o -o $@.debug
	$(Q)objcopy -S $@.debug $@

$(O)/obj/user/vdso.o: $(O)/vdso/vdso.so
	@mkdir -p $(@D)
	@printf '%s\n' 'section .rodata align=16' 'global vdso_image, vdso_image_end' \
		'vdso_image: incbin "$<"' 'vdso_image_end:' > $(O)/vdso/vdso.asm
	$(Q)nasm -f elf64 -o $@ $(O)/vdso/vdso.asm

OBJECTS += $(O)/obj/user/vdso.o
-include $(O)/vdso/vdso.so.d
