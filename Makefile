# qf: everything built lies in build/, executables in build/bin/. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
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
LDLIBS := -lcsv -lmsgpackc -lcrypto -lz -lm -pthread

TOOL_SOURCES := $(sort $(wildcard tools/*.c))
TOOLS := $(TOOL_SOURCES:tools/%.c=$(BUILD)/bin/%)
LIB_SOURCES := $(sort $(wildcard lib/*/*.c))
LIB_OBJECTS := $(LIB_SOURCES:%.c=$(BUILD)/%.o)
LIBRARY := $(BUILD)/libqf.a
UNIT_SOURCES := $(sort $(wildcard tests/unit/*.c))
UNIT_TESTS := $(UNIT_SOURCES:tests/unit/%.c=$(BUILD)/tests/%)

.PHONY: all
all: $(TOOLS)

# A changed compiler command rebuilds: the file changes only when its content does.
FLAGS_FILE := $(BUILD)/flags
FLAGS_NOW := $(CC) $(ALL_CFLAGS) $(LDLIBS)
$(shell mkdir -p $(BUILD)/bin; echo "$(subst ",\",$(FLAGS_NOW))" | cmp -s - $(FLAGS_FILE) || echo "$(subst ",\",$(FLAGS_NOW))" > $(FLAGS_FILE))

$(BUILD)/%.o: %.c $(FLAGS_FILE)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(LIBRARY): $(LIB_OBJECTS)
	rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/bin/%: $(BUILD)/tools/%.o $(LIBRARY)
	$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

.PHONY: unit
unit: $(UNIT_TESTS)
	@for test in $(UNIT_TESTS); do $$test || exit 1; done

-include $(patsubst %.c,$(BUILD)/%.d,$(LIB_SOURCES) $(TOOL_SOURCES) $(UNIT_SOURCES))
