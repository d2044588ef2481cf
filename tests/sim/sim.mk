# SPDX-License-Identifier: BSD-2-Clause
# The scheduler's own code on the host, with CPUs that are only simulated.

SIM_CC := gcc
SIM_FLAGS := -std=gnu2x -O2 -g -D_GNU_SOURCE -Itests/sim/shim -I. -fno-strict-aliasing -fwrapv -fsanitize=undefined \
	-fno-sanitize-recover=all -Wall -Wextra -Werror
SCHED_PARTS := kernel/lib/rbtree.c $(addprefix kernel/sched/,calendar.c weight.c realtime.c deadline.c runq.c runq_time.c \
	runq_give.c runq_check.c \
	balance.c place.c idle.c wake.c sched.c cpus.c hotplug.c thread.c)
SIM_OBJECTS := $(patsubst %.c,$(O)/sim/%.o,$(SCHED_PARTS) tests/sched_host.c $(wildcard tests/sim/*.c))

$(O)/sim/%.o: %.c
	@mkdir -p $(@D)
	$(call say,SIMCC,$<)
	$(Q)$(SIM_CC) $(SIM_FLAGS) -MMD -MP -c $< -o $@

$(O)/sim/sched-sim: $(SIM_OBJECTS)
	$(Q)$(SIM_CC) $(SIM_FLAGS) $^ -o $@

.PHONY: sched-sim sched-sim-long sched-plot
sched-sim: $(O)/sim/sched-sim ## the scheduler on 1 to 1024 simulated CPUs keeps its promises
	$(Q)$<

sched-sim-long: $(O)/sim/sched-sim ## the same for longer: a million hand-overs
	$(Q)$< long

sched-plot: $(O)/sim/sched-sim ## docs/scheduler.svg from a long run on this machine
	$(Q)$< long > $(O)/sim/long.txt
	$(Q)$(PYTHON) tests/sim/plot.py $(O)/sim/long.txt docs/scheduler.svg

-include $(SIM_OBJECTS:.o=.d)

# For tests/host_mutants.py: how to compile one of the files, and what to link.
.PHONY: sim-words
sim-words:
	@echo '$(SIM_CC) $(SIM_FLAGS)'
	@echo '$(SIM_OBJECTS)'
