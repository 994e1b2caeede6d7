# What all experiments share: their variables and checks, the table of the data, and how a run is counted.
#
#   DATA        a CSV of numbers with a 0/1 label; empty: data that qf-synth makes
#   TARGET      the label's column (default: the last)
#   HEADER      yes, or no where the first line of DATA is a row
#   OUT         where everything goes (out/ and the experiment's name)
#   SEEDS       a split and a training run for each ("1 2 3")
#   TEST_SHARE  share of the rows in the test part (0.2)
#   PUBLISHED   a CSV of published results on the same data, printed beside ours (data/table1.csv for the paper's data)
#   JOBS        steps at the same time (all processors)
#
# Every step is a file, so an interrupted run goes on where it stopped, and a changed variable remakes what
# depends on it: a variable's value lies in a file that changes only when the value does.

# Each has the target NAME, and NAME-steps, which its recipe hands to a Make of its own.
EXPERIMENTS := benchmark circuits noise paper-table1 paper-qnn quantum-kernels resampling
experiment := $(firstword $(filter $(EXPERIMENTS),$(MAKECMDGOALS:-steps=)) benchmark)
steps_goal := $(filter $(EXPERIMENTS:=-steps),$(MAKECMDGOALS))

DATA ?=
TARGET ?=
HEADER ?= yes
OUT ?= out/$(experiment)
SEEDS ?= 1 2 3
TEST_SHARE ?= 0.2
PUBLISHED ?=
JOBS ?= $(shell nproc)

hash := \#
comma := ,

ifneq ($(filter $(EXPERIMENTS) $(EXPERIMENTS:=-steps),$(MAKECMDGOALS)),)
ifeq ($(strip $(SEEDS)),)
$(error SEEDS, MODELS and VARIANTS need at least one word each)
endif
ifeq ($(strip $(OUT)),)
$(error OUT is empty: expected a directory)
endif
# $(call once,NAMES): ends where a word of one of them stands twice, or a quote that the checks below cannot take.
once = $(foreach list,$1,$(if $(findstring ',$($(list))),$(error $(list)=$($(list)): quotes are not possible here))$(if \
  $(filter-out $(words $(sort $($(list)))),$(words $($(list)))),$(error $(list)=$($(list)): a word stands twice)))
$(call once,SEEDS MODELS VARIANTS)
$(foreach name,DATA TARGET PUBLISHED OUT TEST_SHARE JOBS,$(if $(findstring ',$($(name))),$(error $(name)=$($(name)): quotes are not possible here)))
# $(call refuse,NAMES,PATTERN,MESSAGE): ends where the value of one of them has a match of the extended expression.
refuse = $(foreach name,$1,$(if $(shell printf '%s\n' '$($(name))' | grep -E '$2'),$(error $(name)=$($(name)): $3)))
$(call refuse,DATA PUBLISHED OUT,[[:blank:]],Make takes no file name with blanks)
$(call refuse,DATA PUBLISHED OUT,[$(hash)*:;?\|[]|\\|^[-~],Make takes no file name with $(hash) * : ; ? [ \ | in it or - or ~ before it)
# What lies in OUT stands unquoted in recipes and patterns.
$(call refuse,OUT,["%&$(comma)=<>`{}!()$$]|\],a directory is made of letters$(comma) digits and . / _ - +)
$(call refuse,MODELS VARIANTS,[^ a-z0-9-],expected words of small letters$(comma) digits and -)
$(call refuse,TUNE,[^a-z0-9_],expected one metric of qf-score)
$(call refuse,JOBS,[^0-9]|^0|^$$,expected a whole number above 0)
$(foreach file,DATA PUBLISHED,$(if $($(file)),$(if $(wildcard $($(file))),,$(error $(file)=$($(file)): no such file))))
ifeq ($(and $(filter yes no,$(HEADER)),$(filter 1,$(words $(HEADER)))),)
$(error HEADER=$(HEADER): expected yes or no)
endif
ifneq ($(shell printf '%s\n' $(foreach s,$(SEEDS),'$s') | grep -vxE '0|[1-9][0-9]{0,18}'),)
$(error SEEDS=$(SEEDS): expected whole numbers)
endif
ifneq ($(shell awk -v share='$(TEST_SHARE)' 'BEGIN { print (share ~ /^[0-9]*[.]?[0-9]+$$/ && share >= 0.0001 && share <= 0.9999) }'),1)
$(error TEST_SHARE=$(TEST_SHARE): expected a number from 0.0001 to 0.9999)
endif
endif

# $(call parameter,NAMES): a file with the values of these variables, rewritten when they differ.
parameter = $(OUT)/parameters/$(subst $(space),-,$1)
empty :=
space := $(empty) $(empty)
parameter_values = $(foreach v,$1,$v=$($v);)
define write_parameter
$(shell mkdir -p '$(OUT)/parameters'; printf '%s\n' '$(call parameter_values,$1)' | \
  cmp -s - '$(call parameter,$1)' || printf '%s\n' '$(call parameter_values,$1)' > '$(call parameter,$1)')
endef
# $(call write_parameters,A|B C): those of the experiment that is running, names of one file joined by |.
write_parameters = $(if $(steps_goal),$(foreach p,$1,$(call write_parameter,$(subst |, ,$p))))
$(call write_parameters,DATA|TARGET|HEADER TEST_SHARE PUBLISHED)

# $(call list_file,NAME,FILES): a file with this list, likewise: another list remakes what is made of it.
define write_list
$(shell mkdir -p '$(OUT)/parameters'; printf '%s\n' $2 | cmp -s - '$(OUT)/parameters/$1' || \
  printf '%s\n' $2 > '$(OUT)/parameters/$1')
endef
list_file = $(if $(steps_goal),$(call write_list,$1,$2))$(OUT)/parameters/$1

# A recipe's last line: moves the finished file to its name and counts the step.
done_step = mv $@.tmp $@; \
  if [ -n "$(STEPS)" ]; then \
    done=$$(flock $(OUT)/.steps sh -c 'echo >> $(OUT)/.steps; wc -l < $(OUT)/.steps'); \
    echo "[$$done/$(STEPS)] "'$1'; \
  fi
# Runs a command and leaves its wall time beside the target.
timed = start=$$EPOCHREALTIME; $1; \
  echo "$${start} $$EPOCHREALTIME" | awk '{printf "%.3f\n", $$2 - $$1}' > $@.seconds

# $(call run_steps,NAME): all steps of an experiment; a dry run counts them first, so that progress can say how many
# there are. The steps themselves hold the lock too: those of a run that was killed end before another writes to OUT.
run_steps = mkdir -p $(OUT); exec 9> $(OUT)/.lock; \
  flock -n 9 || { echo 'Waiting for another run in $(OUT) to end'; flock 9; }; \
  rm -f $(OUT)/.steps; \
  steps=$$($(MAKE) -n --no-print-directory $1-steps OUT='$(OUT)' | grep -c 'mv .*\.tmp') || true; \
  $(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS)) $1-steps OUT='$(OUT)' STEPS=$$steps

BIN := $(BUILD)/bin

import_options = $(if $(TARGET),--target '$(TARGET)') $(if $(filter no,$(HEADER)),--no-header)

$(OUT)/table.qf: $(call parameter,DATA TARGET HEADER) $(DATA) $(BIN)/qf-import $(BIN)/qf-synth
	@$(if $(DATA),$(BIN)/qf-import $(import_options) '$(DATA)',$(BIN)/qf-synth) > $@.tmp; \
	$(call done_step,read $(or $(DATA),made data))

# The audit drops what gives a row away. Exit code 1 says that a leak remains: the experiment goes on, and the report says
# so beside every number. $(call audit,DIRECTORY,OPTIONS)
define audit
$1/audited.qf: $(OUT)/table.qf $(BIN)/qf-audit
	@mkdir -p $$(@D); $(BIN)/qf-audit $2 --report $$(@D)/audit.txt --threads 1 \
	  < $$< > $$@.tmp || [ $$$$? -eq 1 ]; $$(call done_step,audit)
endef

# One side of one seed's split of an audited table. $(call split_parts,DIRECTORY,SEED,OPTIONS)
define split_parts
$1/seed-$2/split-%.qf: $1/audited.qf $(call parameter,TEST_SHARE) $(BIN)/qf-split
	@mkdir -p $$(@D); $(BIN)/qf-split --test $(TEST_SHARE) --seed $2 $3 --emit $$* < $$< > $$@.tmp; \
	$$(call done_step,split seed $2: $$*)
endef

# Metrics of many runs, one stream after another. $(call gather,FILE,METRICS)
define gather
$1: $2 $(call list_file,$(notdir $1).list,$2)
	@cat $2 > $$@.tmp; $$(call done_step,gather)
endef
