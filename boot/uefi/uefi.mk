# SPDX-License-Identifier: BSD-2-Clause
# The UEFI stub, by the native gcc and ld. $(O) is the build folder. boot/uefi/door.c is the kernel's.

UEFI_STUB := $(O)/BOOTX64.EFI
UEFI_SOURCES := $(filter-out boot/uefi/door.c,$(wildcard boot/uefi/*.c))
UEFI_OBJECTS := $(UEFI_SOURCES:boot/uefi/%.c=$(O)/uefi/%.o)
UEFI_CFLAGS := -std=gnu2x -O2 -I. -ffreestanding -fpie -fshort-wchar -fvisibility=hidden \
	-mno-red-zone -mgeneral-regs-only -fno-stack-protector -fno-asynchronous-unwind-tables \
	-fcf-protection=none -fno-ident -fno-strict-aliasing -fwrapv -fno-delete-null-pointer-checks \
	-fno-common -ffile-prefix-map=$(CURDIR)/= -Wall -Wextra -Wshadow -Wundef -Wvla -Wconversion \
	-Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wpointer-arith \
	-Wframe-larger-than=2048 $(if $(WERROR),-Werror)
UEFI_LDFLAGS := -m i386pep --subsystem=10 --image-base=0 --dynamicbase --nxcompat \
	--no-insert-timestamp -nostdlib -T boot/uefi/stub.ld

$(O)/uefi/%.o: boot/uefi/%.c boot/uefi/uefi.mk
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)gcc $(UEFI_CFLAGS) -MMD -MP -c -o $@ $<

# The unstripped copy is for gdb.
$(UEFI_STUB): $(UEFI_OBJECTS) boot/uefi/stub.ld
	$(call say,LINK,$@)
	$(Q)ld $(UEFI_LDFLAGS) -o $@.debug $(UEFI_OBJECTS)
	$(Q)ld $(UEFI_LDFLAGS) -s -o $@ $(UEFI_OBJECTS)

ALL_TARGETS += $(UEFI_STUB)

-include $(UEFI_OBJECTS:.o=.d)
