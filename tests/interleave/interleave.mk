# SPDX-License-Identifier: BSD-2-Clause
# The interleaving tester: the kernel's own files, with a point before each access that other CPUs
# may see (points.h), on a simulated machine.

INTERLEAVE := $(O)/interleave
INTERLEAVE_KERNEL := kernel/core/spinlock.c kernel/core/lglock.c kernel/core/epoch.c kernel/core/spread.c kernel/x86/patience.c $(addprefix kernel/x86/,tlb.c root.c pcid.c) kernel/sched/wait.c \
	kernel/sched/mutex.c kernel/sched/poll.c mm/frame.c mm/buddy.c \
	kernel/lib/rbtree.c kernel/sched/inherit.c ipc/futex.c ipc/futex_pi.c ipc/ring.c fs/pipe.c
INTERLEAVE_OWN := $(sort $(wildcard tests/interleave/*.c))
INTERLEAVE_FLAGS := -std=gnu2x -O2 -g -Itests/interleave/host -I. \
	-fno-strict-aliasing -fwrapv -ftrivial-auto-var-init=zero -Wall -Wextra -Werror \
	-Wno-unused-function
INTERLEAVE_OBJECTS := $(patsubst %.c,$(INTERLEAVE)/%.o,$(INTERLEAVE_OWN) $(INTERLEAVE_KERNEL))

$(INTERLEAVE)/tests/interleave/%.o: tests/interleave/%.c
	@mkdir -p $(@D)
	$(call say,HOSTCC,$<)
	$(Q)$(HOST_CC) $(INTERLEAVE_FLAGS) -include tests/interleave/points.h -MMD -MP -c $< -o $@

$(INTERLEAVE)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,HOSTCC,$<)
	$(Q)$(HOST_CC) $(INTERLEAVE_FLAGS) -ffreestanding -include tests/interleave/points.h \
		-MMD -MP -c $< -o $@

$(INTERLEAVE)/interleave: $(INTERLEAVE_OBJECTS)
	$(Q)$(HOST_CC) $^ -o $@

# The scheduler itself in the place of the toy one.
INTERLEAVE_SCHED := $(O)/interleave-sched
INTERLEAVE_SCHED_OBJECTS := $(addprefix $(INTERLEAVE)/tests/interleave/,engine.o machine.o main.o) $(INTERLEAVE)/kernel/core/spinlock.o $(INTERLEAVE)/kernel/x86/patience.o \
	$(patsubst %.c,$(INTERLEAVE_SCHED)/%.o,$(SCHED_PARTS) tests/sched_host.c $(sort $(wildcard tests/interleave-sched/*.c)))

$(INTERLEAVE_SCHED)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,HOSTCC,$<)
	$(Q)$(HOST_CC) $(INTERLEAVE_FLAGS) -include tests/interleave/points.h -MMD -MP -c $< -o $@

$(INTERLEAVE_SCHED)/interleave: $(INTERLEAVE_SCHED_OBJECTS)
	$(Q)$(HOST_CC) $^ -o $@

.PHONY: interleave
interleave: $(INTERLEAVE)/interleave $(INTERLEAVE_SCHED)/interleave ## all interleavings of the small parts, up to a few preemptions
	$(Q)$(INTERLEAVE)/interleave
	$(Q)$(INTERLEAVE_SCHED)/interleave

-include $(INTERLEAVE_OBJECTS:.o=.d) $(INTERLEAVE_SCHED_OBJECTS:.o=.d)

# For tests/host_mutants.py: how to compile one of the files, and what to link.
.PHONY: interleave-words interleave-sched-words
interleave-words:
	@echo '$(HOST_CC) $(INTERLEAVE_FLAGS) -ffreestanding -include tests/interleave/points.h'
	@echo '$(INTERLEAVE_OBJECTS)'

interleave-sched-words:
	@echo '$(HOST_CC) $(INTERLEAVE_FLAGS) -include tests/interleave/points.h'
	@echo '$(INTERLEAVE_SCHED_OBJECTS)'
