# SPDX-License-Identifier: BSD-2-Clause
# Our own programs of ring 3: static, by musl, for any Linux. $(O) is the build folder.

USER_CC ?= musl-gcc
USER_CFLAGS := -std=gnu2x -O2 -I. -D_GNU_SOURCE -Wall -Wextra -Wshadow -Wundef -Wvla -Wconversion \
	-Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wredundant-decls \
	-fno-pie -fno-ident -ffile-prefix-map=$(CURDIR)=. $(if $(WERROR),-Werror)
USER_LDFLAGS := -static -no-pie -s -Wl,--build-id=none

AGENT_OBJECTS := $(patsubst %.c,$(O)/%.o,$(wildcard user/agent/*.c))

$(O)/user/%.o: user/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(USER_CC) $(USER_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/user/agent/agent: $(AGENT_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(USER_CC) $(USER_LDFLAGS) -o $@ $^

# Attacks by an unprivileged user: in the image, for the demo.
ATTACK_OBJECTS := $(patsubst %.c,$(O)/%.o,$(wildcard user/attack/*.c))

$(O)/user/attack/attack: $(ATTACK_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(USER_CC) $(USER_LDFLAGS) -pthread -o $@ $^

# Random system calls; not in the image: ci/test_fuzz.py and `make fuzz-coverage` take it along.
FUZZ_OBJECTS := $(patsubst %.c,$(O)/%.o,$(wildcard user/fuzz/*.c))

$(O)/user/fuzz/fuzz: $(FUZZ_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(USER_CC) $(USER_LDFLAGS) -o $@ $^

# bench, and the two programs which it executes. Not in the image: `make bench` takes them along.
BENCH_OBJECTS := $(patsubst %.c,$(O)/%.o,$(filter-out %/tiny_musl.c,$(wildcard user/bench/*.c)))
BENCH_DIR := $(O)/bench-root
BENCH_PROGRAMS := $(addprefix $(BENCH_DIR)/bench/,bench tiny tiny-musl)

$(BENCH_DIR)/bench/bench: $(BENCH_OBJECTS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(USER_CC) $(USER_LDFLAGS) -pthread -o $@ $^

$(BENCH_DIR)/bench/tiny: user/bench/tiny.S
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(USER_CC) $(USER_LDFLAGS) -nostdlib -o $@ $<

$(BENCH_DIR)/bench/tiny-musl: $(O)/user/bench/tiny_musl.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(USER_CC) $(USER_LDFLAGS) -o $@ $<

.PHONY: bench-programs
bench-programs: $(BENCH_PROGRAMS)

USER_PROGRAMS := $(O)/user/agent/agent $(O)/user/attack/attack
ALL_TARGETS += $(O)/user/fuzz/fuzz

-include $(AGENT_OBJECTS:.o=.d) $(ATTACK_OBJECTS:.o=.d) $(FUZZ_OBJECTS:.o=.d) $(BENCH_OBJECTS:.o=.d)

BENCH_LOG := $(O)/bench.log

.PHONY: bench
bench: all bench-programs ## instructions per operation, beside Linux's
	$(Q)./bartizan sh --build $(O) --icount --timeout 900 --append selftest=off \
		--root $(BENCH_DIR) /bench/bench > $(BENCH_LOG)
	$(Q)./bartizan sh --build $(O) --icount --smp 2 --timeout 300 --append selftest=off \
		--root $(BENCH_DIR) '/bench/bench mprotect_2cpu munmap_2cpu' | grep 2cpu
	$(Q)bench/compare.py bench/linux-6.1.txt $(BENCH_LOG)

.PHONY: bench-mitigations
bench-mitigations: all bench-programs ## what each set of mitigations costs, in instructions
	$(Q)bench/mitigations.py --build $(O)

# Wall time, so no test: what two CPUs do of independent calls in the time that one needs.
SCALE_DIR := $(O)/scale-root

$(SCALE_DIR)/bin/scale: tests/guest/scale.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(USER_CC) $(USER_CFLAGS) -static -o $@ $<

.PHONY: scale
scale: all $(SCALE_DIR)/bin/scale ## wall time of independent system calls on one and two CPUs
	$(Q)./bartizan sh --build $(O) --smp 2 --timeout 600 --append selftest=off \
		--root $(SCALE_DIR) /bin/scale

.PHONY: fuzz-coverage
fuzz-coverage: ## what random system calls reach of the kernel, by file, with and without feedback
	@$(SUBMAKE) COVERAGE=1 all
	@ci/coverage.py $(ARGS)
