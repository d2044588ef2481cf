# SPDX-License-Identifier: BSD-2-Clause
# The kernel's pure parts on the host: unit tests under ASan and UBSan, and fuzzers.
# The parts themselves are compiled as for the kernel (freestanding); the tests are not.

HOST_CC ?= gcc
HOST := $(O)/host-$(notdir $(HOST_CC))
HOST_FLAGS := -std=gnu2x -O1 -g -I. -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all -Wall -Wextra -Werror
FUZZ := $(O)/fuzz
FUZZ_SECONDS ?= 5

# What each unit test is made of, beside tests/unit/<name>_test.c.
HOST_UNITS := lib string format memmap cmdline path shebang cpio elf acpi acpi_tables acpi_fields acpi_madt area ldisc ldisc_linux ldisc_state vt keymap screen \
	apic_mode cpu_list pcid bugs clock_judge rights cred buddy usercopy kernel_side \
	calendar runq runq_time realtime deadline walk walk_edges
parts_lib := kernel/lib/siphash.c kernel/lib/chacha20.c kernel/lib/rbtree.c
parts_string := kernel/lib/string.c
parts_format := kernel/lib/format.c
parts_memmap := kernel/core/memmap.c
parts_cmdline := kernel/core/cmdline.c
parts_path := fs/path.c
parts_shebang := proc/shebang.c
parts_cpio := fs/cpio.c
parts_elf := proc/elf.c proc/shebang.c
parts_apic_mode := kernel/x86/apic_mode.c
parts_pcid := kernel/x86/pcid.c
parts_bugs := kernel/x86/bugs.c
parts_rights := fs/rights.c sec/cred.c
parts_cred := sec/cred.c sec/cred_ids.c
parts_runq := kernel/lib/rbtree.c $(addprefix kernel/sched/,calendar.c weight.c realtime.c deadline.c runq.c \
	runq_time.c runq_give.c runq_check.c)
parts_runq_time := $(parts_runq)
parts_realtime := $(parts_runq)
parts_deadline := $(parts_runq)
parts_calendar := kernel/sched/calendar.c kernel/sched/weight.c
parts_walk := $(addprefix fs/,walk.c walk_pause.c lookup.c path.c rights.c) sec/cred.c kernel/core/spread.c
parts_walk_edges := $(parts_walk)
parts_usercopy := mm/usercopy.c
parts_kernel_side := mm/usercopy.c
parts_buddy := mm/buddy.c
parts_clock_judge := kernel/core/clock_judge.c
parts_acpi := $(addprefix drv/acpi/,tables.c madt.c fadt.c cpu_list.c) $(parts_apic_mode)
parts_acpi_tables := $(parts_acpi)
parts_acpi_fields := drv/acpi/fadt.c
parts_acpi_madt := drv/acpi/madt.c
parts_cpu_list := drv/acpi/madt.c drv/acpi/cpu_list.c $(parts_apic_mode)
parts_area := mm/space/area.c kernel/lib/rbtree.c
parts_ldisc := drv/tty/ldisc.c drv/tty/ldisc_edit.c drv/tty/ldisc_output.c
parts_ldisc_linux := $(parts_ldisc)
parts_ldisc_state := $(parts_ldisc)
parts_vt := $(addprefix drv/screen/,vt.c vt_parse.c vt_csi.c vt_cursor.c vt_grid.c vt_modes.c vt_style.c utf8.c \
	width.c palette.c) kernel/lib/format.c
parts_screen := $(parts_vt) $(addprefix drv/screen/,fb.c font.c render.c log_line.c) \
	$(O)/font_table.c
parts_keymap := drv/ps2/keymap.c
args_elf := $(O)/elf-corpus

HOST_FUZZERS := elf cpio cmdline memmap acpi path area ldisc vt
HOST_PARTS := $(sort $(foreach unit,$(HOST_UNITS),$(parts_$(unit))) tests/host_support.c)

# The kernel's own under names that do not meet the host's.
STRING_NAMES := memcpy memmove memset memcmp memchr strlen strnlen strcmp strncmp strchr strrchr \
	strlcpy memzero_secret
STRING_FLAGS := $(foreach name,$(STRING_NAMES),-D$(name)=kernel_$(name))

$(HOST)/kernel/lib/string.o: HOST_FLAGS += $(STRING_FLAGS)

# These ask which CPU and which thread they run on: the test says it, as the simulator does.
ON_A_CPU := $(foreach unit,usercopy kernel_side calendar runq runq_time realtime deadline walk walk_edges,$(parts_$(unit)) tests/unit/$(unit)_test.c)
$(ON_A_CPU:%.c=$(HOST)/%.o): HOST_FLAGS := -iquote tests/sim/shim $(HOST_FLAGS)

$(HOST)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,HOSTCC,$<)
	$(Q)$(HOST_CC) $(HOST_FLAGS) $(if $(filter $<,$(HOST_PARTS)),-ffreestanding) -MMD -MP -c $< -o $@

$(FUZZ)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,FUZZCC,$<)
	$(Q)clang $(HOST_FLAGS) -fsanitize=fuzzer-no-link $(if $(filter $<,$(HOST_PARTS)),-ffreestanding) \
		-MMD -MP -c $< -o $@

define host_unit
$(HOST)/$(1)_test: $(patsubst %.c,$(HOST)/%.o,tests/unit/$(1)_test.c tests/host_support.c $(parts_$(1)))
	$(Q)$$(HOST_CC) $$(HOST_FLAGS) $$^ -o $$@
endef
$(foreach unit,$(HOST_UNITS),$(eval $(call host_unit,$(unit))))

# The fuzzer of the terminal paints what it shows, too.
fuzz_parts = $(if $(filter vt,$(1)),$(parts_screen),$(parts_$(1)))

define host_fuzzer
$(FUZZ)/$(1)_fuzz: $(patsubst %.c,$(FUZZ)/%.o,tests/fuzz/$(1)_fuzz.c tests/host_support.c $(fuzz_parts))
	$(Q)clang $$(HOST_FLAGS) -fsanitize=fuzzer $$^ -o $$@
endef
$(foreach fuzzer,$(HOST_FUZZERS),$(eval $(call host_fuzzer,$(fuzzer))))

$(O)/elf-corpus: tests/elf_corpus.py
	$(Q)rm -rf $@
	$(Q)$(PYTHON) tests/elf_corpus.py $@ > /dev/null

$(FUZZ)/seeds: tests/fuzz/seeds.py tests/elf_corpus.py
	$(Q)rm -rf $@
	$(Q)$(PYTHON) tests/fuzz/seeds.py $@

.PHONY: host-test operators fuzz fuzzers
host-test: $(HOST_UNITS:%=$(HOST)/%_test) $(O)/elf-corpus ## the pure parts on this machine, under ASan and UBSan
	@set -e; $(foreach unit,$(HOST_UNITS),$(HOST)/$(unit)_test $(args_$(unit));)

operators: ## every slip of an operator in a pure part is seen by its unit test (ONLY='path elf')
	@$(PYTHON) tests/operators.py $(ONLY)

fuzzers: $(HOST_FUZZERS:%=$(FUZZ)/%_fuzz) $(FUZZ)/seeds

fuzz: fuzzers ## every fuzzer for FUZZ_SECONDS (5), two side by side
	@printf '%s\n' $(HOST_FUZZERS) | xargs -P 2 -I {} tests/fuzz/run.sh $(FUZZ) {} $(FUZZ_SECONDS)

-include $(patsubst %.c,$(HOST)/%.d,$(HOST_PARTS) $(HOST_UNITS:%=tests/unit/%_test.c))
-include $(patsubst %.c,$(FUZZ)/%.d,$(HOST_PARTS) $(HOST_FUZZERS:%=tests/fuzz/%_fuzz.c))
