# SPDX-License-Identifier: BSD-2-Clause
# The initramfs. $(O) is the build folder.

BUSYBOX ?= /bin/busybox
INITRAMFS := $(O)/initramfs.cpio
ROOTFS_FILES := $(shell find iso/rootfs)

# Whose work is in the image: BusyBox, glibc (linked into BusyBox), musl (linked into ours), GNU Unifont
# (the kernel's glyphs, out of GRUB's package), and us.
DOC_PACKAGES := busybox-static libc6 musl grub-common
DOC_FILES := $(DOC_PACKAGES:%=/usr/share/doc/%/copyright)

$(INITRAMFS): ci/vm/initramfs.py $(BUSYBOX) $(ROOTFS_FILES) $(USER_PROGRAMS) $(DOC_FILES) LICENSE
	@mkdir -p $(@D)
	$(call say,CPIO,$@)
	$(Q)ci/vm/initramfs.py $@ --busybox $(BUSYBOX) --overlay iso/rootfs \
		--file sbin/agent=$(O)/user/agent/agent \
		--file bin/attack=$(O)/user/attack/attack \
		--doc usr/share/doc/bartizan/copyright=LICENSE \
		$(foreach package,$(DOC_PACKAGES),--doc \
		usr/share/doc/$(package)/copyright=/usr/share/doc/$(package)/copyright)

ALL_TARGETS += $(INITRAMFS)

# The command line of the image that people get; no word of the launcher's stands in it.
ISO_CMDLINE ?=
# How long GRUB shows its menu: Bartizan, or the attack demo.
ISO_MENU_S ?= 3

.PHONY: map
map: ## docs/map.svg, the address spaces of a running kernel
	@$(SUBMAKE) all
	@ci/map.py docs/map.svg

.PHONY: screenshot
screenshot: ## docs/screen.svg, from a boot
	@$(SUBMAKE) all
	@ci/screenshot.py docs/screen.svg

.PHONY: iso
iso: $(O)/bartizan.iso ## the image for CDs and USB sticks: build/bartizan.iso

$(O)/bartizan.iso: $(O)/bartizan.elf $(INITRAMFS) $(UEFI_STUB) ci/vm/image.py iso/grub.cfg
	$(call say,ISO,$@)
	$(Q)ci/vm/image.py $@ --kernel $(O)/bartizan.elf --initramfs $(INITRAMFS) \
		--cmdline '$(ISO_CMDLINE)' --menu $(ISO_MENU_S)

.PHONY: demo-attack
demo-attack: ## hostile programs one after the other: attack | what happened | what stopped it
	@$(SUBMAKE) all
	@$(PYTHON) ci/attack_table.py --build $(O)
