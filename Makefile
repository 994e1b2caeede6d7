# qf: everything built lies in build/, executables in build/bin/. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -e -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

VERSION := 0.1.0
BUILD ?= build
PREFIX ?= /usr/local
CC := gcc
OPTIMISE ?= -O2
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wvla
SANITIZE ?=
CFLAGS ?= $(OPTIMISE) -g
ALL_CFLAGS := -std=c17 -D_POSIX_C_SOURCE=200809L $(WARNINGS) $(if $(WERROR),-Werror) \
  -ffp-contract=off -fno-math-errno -pthread $(CFLAGS) $(SANITIZE) -Ilib -I$(BUILD)/gen -DQF_VERSION='"$(VERSION)"'
LDLIBS := -Wl,--as-needed -lcsv -lmsgpackc -lcrypto -lcurl -ljansson -lz -lm -pthread

TOOL_SOURCES := $(sort $(wildcard tools/*.c))
TOOLS := $(TOOL_SOURCES:tools/%.c=$(BUILD)/bin/%)
LIB_SOURCES := $(sort $(wildcard lib/*/*.c))
LIB_OBJECTS := $(LIB_SOURCES:%.c=$(BUILD)/%.o)
LIBRARY := $(BUILD)/libqf.a
UNIT_SOURCES := $(sort $(wildcard tests/unit/*.c))
UNIT_TESTS := $(UNIT_SOURCES:tests/unit/%.c=$(BUILD)/tests/%)
MAN_PAGES := $(TOOLS:$(BUILD)/bin/%=$(BUILD)/man/%.1) $(BUILD)/man/qf.7 $(BUILD)/man/qf-privacy.7 $(BUILD)/man/qf-stream.5
COMPLETION := $(BUILD)/qf.bash

.PHONY: all
all: $(TOOLS) ## the tools, man pages and completion, into build/

# `make V=1` shows the commands.
Q := $(if $(V),,@)

# A changed compiler command rebuilds: the file changes only when its content does.
FLAGS_FILE := $(BUILD)/flags
FLAGS_NOW := $(CC) $(ALL_CFLAGS) $(LDLIBS)
$(shell mkdir -p $(BUILD)/bin; echo "$(subst ",\",$(FLAGS_NOW))" | cmp -s - $(FLAGS_FILE) || echo "$(subst ",\",$(FLAGS_NOW))" > $(FLAGS_FILE))

$(BUILD)/%.o: %.c $(FLAGS_FILE)
	@mkdir -p $(@D); $(if $(V),,echo '  cc $<')
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(LIBRARY): $(LIB_OBJECTS)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/bin/%: $(BUILD)/tools/%.o $(LIBRARY)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

# libsvm is what our solver is tested against. The library loads XGBoost by itself when it trains.
$(BUILD)/tests/test_svm: LDLIBS += -lsvm
$(BUILD)/tests/test_xgboost: LDLIBS += -lxgboost

# Objects of tests and fuzzers stay, so that a second run links nothing anew.
.PRECIOUS: $(BUILD)/%.o

# ---- Installing what the build needs ----

PACKAGES := gcc make pkg-config libc6-dev libssl-dev libcsv-dev libmsgpack-dev zlib1g-dev \
  libjansson-dev libcurl4-openssl-dev libxgboost-dev libcmocka-dev libsvm-dev bats xxd time openssl python3 \
  python3-numpy valgrind clang-format clang-tidy mandoc

.PHONY: deps
deps: ## install the Debian packages that are missing
	@missing=$$(for p in $(PACKAGES); do \
	    dpkg-query -W -f '$${db:Status-Status}' $$p 2> /dev/null | grep -qx installed || echo $$p; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" -eq 0 ]; then as_root=; elif command -v sudo > /dev/null; then as_root=sudo; else \
	  echo "make deps: not root and no sudo; ask an administrator to install:" $$missing >&2; exit 77; fi; \
	echo "Installing" $$missing; \
	$$as_root apt-get update -q && \
	$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing

# ---- Tests ----

FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/fuzz/*.c)))
$(FUZZERS): $(BUILD)/tests/%: $(BUILD)/tests/fuzz/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)

.PHONY: test unit
unit: $(UNIT_TESTS) ## unit tests alone
	@tests/run $(UNIT_TESTS)

test: all $(UNIT_TESTS) $(FUZZERS) ## unit and integration tests; the last line counts them
	@BUILD=$(BUILD) tests/run $(UNIT_TESTS) $(sort $(wildcard tests/*.bats))

# The address and undefined-behaviour sanitizers under every test.
.PHONY: sanitize
sanitize: ## all tests on a build with ASan and UBSan
	@$(MAKE) --no-print-directory BUILD=build/sanitize OPTIMISE=-O1 \
	  SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' test

# What handles secrets, under valgrind: no read of what was not set, nothing left unfreed.
SECRET_TESTS := $(addprefix $(BUILD)/tests/,test_crypto test_constant_time test_shamir test_seal test_qkd \
  test_committee)
.PHONY: valgrind
valgrind: $(SECRET_TESTS) ## the tests of what handles secrets, under valgrind
	@for test in $^; do echo "  valgrind $$test"; \
	  valgrind --quiet --leak-check=full --error-exitcode=1 $$test > $(BUILD)/valgrind.log 2>&1 || \
	    { cat $(BUILD)/valgrind.log; exit 1; }; done; echo 'valgrind: clean'

# ---- Lint ----

SOURCES := $(TOOL_SOURCES) $(LIB_SOURCES) $(UNIT_SOURCES) $(sort $(wildcard tests/fuzz/*.c tests/peers/*.c))
HEADERS := $(sort $(wildcard lib/*/*.h tests/*/*.h))
TIDY := $(SOURCES:%=$(BUILD)/tidy/%)

# mandoc looks for the pages that others refer to where they will be installed.
.PHONY: lint format
lint: $(TIDY) $(MAN_PAGES) ## clang-format, clang-tidy, the include check, man pages, scripts
	@clang-format --dry-run -Werror $(SOURCES) $(HEADERS)
	@tests/includes
	@messages=$$({ mandoc -Tlint -Wstyle $(MAN_PAGES) || true; } 2>&1 | sed '/referenced manual not found/d'); \
	[ -z "$$messages" ] || { echo "$$messages"; exit 1; }
	@bash -n tests/run tests/includes tests/speed .ci/run tests/helper.bash
	@echo 'lint: clean'

# One stamp a file, so that only what changed is looked at again.
$(BUILD)/tidy/%: % .clang-tidy $(HEADERS)
	@mkdir -p $(@D)
	@clang-tidy --quiet $< -- -std=c17 -D_POSIX_C_SOURCE=200809L -Ilib -DQF_VERSION='"$(VERSION)"' 2> $@.log || \
	  { cat $@.log; exit 1; }
	@touch $@

format: ## format every source file
	clang-format -i $(SOURCES) $(HEADERS)

# ---- Manual pages and shell completion, from each tool's table of options ----

$(BUILD)/man/%.1: $(BUILD)/bin/%
	@mkdir -p $(@D)
	@$< --man > $@.tmp && mv $@.tmp $@
$(BUILD)/man/%: tools/man/%
	@mkdir -p $(@D)
	@cp $< $@
$(COMPLETION): tools/completion.bash $(TOOLS)
	@{ cat $<; for tool in $(TOOLS); do \
	  printf '_qf_options[%s]=%q\n' "$$(basename $$tool)" "$$($$tool --completion)"; done; \
	  echo 'complete -F _qf_complete "$${!_qf_options[@]}"'; } > $@.tmp && mv $@.tmp $@

.PHONY: man install uninstall
man: $(MAN_PAGES) $(COMPLETION)
all: man

installed_bin := $(DESTDIR)$(PREFIX)/bin
installed_man := $(DESTDIR)$(PREFIX)/share/man
installed_completion := $(DESTDIR)$(PREFIX)/share/bash-completion/completions

install: all ## install tools, man pages and completion below PREFIX (/usr/local), DESTDIR before it
	install -d $(installed_bin) $(installed_man)/man1 $(installed_man)/man5 $(installed_man)/man7 $(installed_completion)
	install -m 755 $(TOOLS) $(installed_bin)
	install -m 644 $(filter %.1,$(MAN_PAGES)) $(installed_man)/man1
	install -m 644 $(filter %.5,$(MAN_PAGES)) $(installed_man)/man5
	install -m 644 $(filter %.7,$(MAN_PAGES)) $(installed_man)/man7
	for tool in $(notdir $(TOOLS)); do install -m 644 $(COMPLETION) $(installed_completion)/$$tool; done

uninstall: ## remove what install put there
	rm -f $(addprefix $(installed_bin)/,$(notdir $(TOOLS))) \
	  $(foreach page,$(notdir $(MAN_PAGES)),$(installed_man)/man$(subst .,,$(suffix $(page)))/$(page)) \
	  $(addprefix $(installed_completion)/,$(notdir $(TOOLS)))

# ---- The rest ----

.PHONY: help clean
help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 25 | sort

clean: ## remove build/
	rm -rf $(BUILD)

include pipelines/common.mk pipelines/nets.mk \
  $(filter-out pipelines/common.mk pipelines/nets.mk,$(sort $(wildcard pipelines/*.mk)))

-include $(patsubst %.c,$(BUILD)/%.d,$(LIB_SOURCES) $(TOOL_SOURCES) $(UNIT_SOURCES) $(wildcard tests/fuzz/*.c tests/peers/*.c))
