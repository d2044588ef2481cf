# SPDX-License-Identifier: BSD-2-Clause
# What looks at the sources without running them.

LINT_C := $(shell git ls-files '*.c' '*.h' 2>/dev/null)
LINT_TIDY ?= $(filter-out boot/uefi/% selftest/user/% user/% tests/% kernel/x86/offsets.c bench/%, \
	$(filter %.c,$(LINT_C)))

.PHONY: lint lint-rules lint-format lint-tidy format
lint: lint-rules lint-format lint-tidy ## layers, style rules, formatting, clang-tidy

lint-rules:
	@$(PYTHON) ci/check_layers.py
	@$(PYTHON) ci/check_style.py

lint-format:
	@clang-format --dry-run --Werror $(LINT_C) 2> $(O)/format.log || \
		{ sed -n 's/:[0-9]*:[0-9]*: error:.*//p' $(O)/format.log | sort -u; echo 'format: run make format'; exit 1; }
	@echo 'format: clean'

# clang must not see what only gcc knows; the warnings are the build's business. As a debug build:
# it has all the others have.
lint-tidy:
	@printf '%s\n' $(LINT_TIDY) | xargs -P 2 -n 4 sh -c \
		'clang-tidy --quiet "$$@" -- -std=gnu2x -DCONFIG_DEBUG=1 -DCONFIG_COVERAGE=1 -I. -ffreestanding -mgeneral-regs-only -w' tidy \
		> $(O)/tidy.log 2> /dev/null || { grep -E 'error:' $(O)/tidy.log | sort -u; exit 1; }
	@echo 'tidy: clean'

format: ## put all C sources into the tree's format
	@clang-format -i $(LINT_C)
