# SPDX-License-Identifier: BSD-2-Clause
# Our own programs of ring 3: static, by musl, for any Linux. $(O) is the build folder.

USER_CC ?= musl-gcc
USER_CFLAGS := -std=gnu2x -O2 -I. -Wall -Wextra -Wshadow -Wundef -Wvla -Wconversion \
	-Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wredundant-decls \
	-fno-ident -ffile-prefix-map=$(CURDIR)=. -fstack-protector-strong $(if $(WERROR),-Werror)
USER_LDFLAGS := -static -no-pie -s -Wl,--build-id=none

AGENT_OBJECTS := $(patsubst %.c,$(O)/%.o,$(wildcard user/agent/*.c))

$(O)/user/%.o: user/%.c
	@mkdir -p $(@D)
	$(USER_CC) $(USER_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/user/agent/agent: $(AGENT_OBJECTS)
	$(USER_CC) $(USER_LDFLAGS) -o $@ $^

USER_PROGRAMS := $(O)/user/agent/agent

-include $(AGENT_OBJECTS:.o=.d)
