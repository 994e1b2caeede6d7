# make benchmark: every model on one data set, seed by seed, and the report.
#
#   DATA      a CSV of numbers with a 0/1 label; empty: data that qf-synth makes
#   TARGET    the label's column (default: the last)
#   OUT       where everything goes (out/benchmark)
#   SEEDS     a split and a training run for each ("1 2 3")
#   PROTOCOL  honest, or paper: the published QNN experiment's preparation, faults included
#   MODELS    registry names of qf-train-classic ("dummy tree forest")
#   PUBLISHED a CSV of published results on the same data, printed beside ours (data/table1.csv for the paper's data)
#   VARIANTS  of the honest protocol: plain, smote (the training rows balanced by SMOTE)
#
# Every step is a file, so an interrupted run goes on where it stopped, and a changed variable remakes what
# depends on it: a variable's value lies in a file that changes only when the value does.

DATA ?=
TARGET ?=
OUT ?= out/benchmark
SEEDS ?= 1 2 3
PROTOCOL ?= honest
MODELS ?= dummy tree forest
VARIANTS ?= plain
TEST_SHARE ?= 0.2
PUBLISHED ?=
JOBS ?= $(shell nproc)

# Trees do not care how a column is scaled; every other model, and SMOTE with its distances, sees columns
# without the long tails.
SCALING ?= log-standard
SCALING_dummy ?= none
SCALING_tree ?= none
SCALING_forest ?= none
# $(call scaling_of,MODEL,VARIANT)
scaling_of = $(or $(if $(filter-out smote,$2),$(SCALING_$1)),$(SCALING))

ifneq ($(filter benchmark benchmark-steps,$(MAKECMDGOALS)),)
ifeq ($(and $(filter honest paper,$(PROTOCOL)),$(filter 1,$(words $(PROTOCOL)))),)
$(error PROTOCOL=$(PROTOCOL): expected honest or paper)
endif
ifneq ($(filter-out plain smote,$(VARIANTS)),)
$(error VARIANTS=$(VARIANTS): expected plain, smote or both)
endif
ifeq ($(and $(strip $(SEEDS)),$(strip $(MODELS)),$(strip $(VARIANTS))),)
$(error SEEDS, MODELS and VARIANTS need at least one word each)
endif
ifeq ($(strip $(OUT)),)
$(error OUT is empty: expected a directory)
endif
$(foreach list,SEEDS MODELS VARIANTS,$(if $(filter-out $(words $(sort $($(list)))),$(words $($(list)))),\
  $(error $(list)=$($(list)): a word stands twice)))
$(foreach file,DATA PUBLISHED OUT,$(if $(word 2,$($(file))),$(error $(file)=$($(file)): Make takes no file name with blanks)))
$(foreach name,DATA TARGET PUBLISHED OUT SEEDS MODELS TEST_SHARE,$(if $(findstring ',$($(name))),$(error $(name)=$($(name)): quotes are not possible here)))
$(foreach file,DATA PUBLISHED,$(if $($(file)),$(if $(wildcard $($(file))),,$(error $(file)=$($(file)): no such file))))
ifneq ($(shell printf '%s\n' $(foreach s,$(SEEDS),'$s') | grep -vxE '0|[1-9][0-9]{0,18}'),)
$(error SEEDS=$(SEEDS): expected whole numbers)
endif
ifneq ($(shell awk -v share='$(TEST_SHARE)' 'BEGIN { print (share + 0 > 0 && share + 0 < 1) }'),1)
$(error TEST_SHARE=$(TEST_SHARE): expected a number above 0 and below 1)
endif
endif

benchmark_variants := $(if $(filter paper,$(PROTOCOL)),qnn-data,$(VARIANTS))
benchmark_scalings := $(sort $(foreach v,$(benchmark_variants),$(foreach m,$(MODELS),$(call scaling_of,$m,$v))))
benchmark_root := $(OUT)/$(PROTOCOL)

# $(call parameter,NAME): a file with the values of the variables NAME, rewritten when they differ.
parameter = $(OUT)/parameters/$(subst $(space),-,$1)
empty :=
space := $(empty) $(empty)
parameter_values = $(foreach v,$1,$v=$($v);)
define write_parameter
$(shell mkdir -p '$(OUT)/parameters'; printf '%s\n' '$(call parameter_values,$1)' | \
  cmp -s - '$(call parameter,$1)' || printf '%s\n' '$(call parameter_values,$1)' > '$(call parameter,$1)')
endef
ifneq ($(filter benchmark-steps,$(MAKECMDGOALS)),)
$(foreach p,DATA|TARGET TEST_SHARE PUBLISHED,$(call write_parameter,$(subst |, ,$p)))
endif

# A recipe's last line: moves the finished file to its name and counts the step.
done_step = mv $@.tmp $@; \
  if [ -n "$(STEPS)" ]; then \
    done=$$(flock $(OUT)/.steps sh -c 'echo >> $(OUT)/.steps; wc -l < $(OUT)/.steps'); \
    echo "[$$done/$(STEPS)] "'$1'; \
  fi
# Runs a command and leaves its wall time beside the target.
timed = start=$$EPOCHREALTIME; $1; \
  echo "$${start} $$EPOCHREALTIME" | awk '{printf "%.3f\n", $$2 - $$1}' > $@.seconds

BIN := $(BUILD)/bin

$(OUT)/table.qf: $(call parameter,DATA TARGET) $(DATA) $(BIN)/qf-import $(BIN)/qf-synth
	@$(if $(DATA),$(BIN)/qf-import $(if $(TARGET),--target '$(TARGET)') '$(DATA)',$(BIN)/qf-synth) > $@.tmp; \
	$(call done_step,read $(or $(DATA),made data))

# The honest protocol drops what gives a row away; the paper kept it. Exit code 1 says that a leak remains: the
# benchmark goes on, and the report says so beside every number.
$(OUT)/honest/audited.qf: audit_options := --fix
$(OUT)/%/audited.qf: $(OUT)/table.qf $(BIN)/qf-audit
	@mkdir -p $(@D); $(BIN)/qf-audit $(audit_options) --report $(@D)/audit.txt --threads 1 \
	  < $< > $@.tmp || [ $$? -eq 1 ]; $(call done_step,audit)

# One seed's training and test rows, honest: split first, then fit everything on the training part.
split = $(BIN)/qf-split --test $(TEST_SHARE) --seed $1 $2
define honest_split
$(OUT)/honest/seed-$1/split-%.qf: $(OUT)/honest/audited.qf $(call parameter,TEST_SHARE) $(BIN)/qf-split
	@mkdir -p $$(@D); $(call split,$1,--emit $$*) < $$< > $$@.tmp; $$(call done_step,split seed $1: $$*)
endef
define honest_data
$(OUT)/honest/seed-$1/$2-$3/train.qf: $(OUT)/honest/seed-$1/split-train.qf $(BIN)/qf-scale $(BIN)/qf-smote
	@mkdir -p $$(@D); $(BIN)/qf-scale --fit $3 --save $$(@D)/scaler.qf < $$< $(if $(filter smote,$2), \
	  | $(BIN)/qf-smote --ratio 1 --seed $1 --quiet --threads 1) > $$@.tmp; \
	$$(call done_step,prepare $2 with scaling $3: train part of seed $1)
$(OUT)/honest/seed-$1/$2-$3/test.qf: $(OUT)/honest/seed-$1/split-test.qf $(OUT)/honest/seed-$1/$2-$3/train.qf
	@$(BIN)/qf-scale --apply $$(@D)/scaler.qf < $$< > $$@.tmp; \
	$$(call done_step,prepare $2 with scaling $3: test part of seed $1)
endef

# The paper's preparation of its QNN data: SMOTE over all rows, scaling over all rows, then the split.
define paper_data
$(OUT)/paper/seed-$1/$2-$3/all.qf: $(OUT)/paper/audited.qf $(BIN)/qf-scale $(BIN)/qf-smote
	@mkdir -p $$(@D); $(BIN)/qf-smote --ratio 1 --seed $1 --quiet --threads 1 < $$< \
	  | $(BIN)/qf-scale --fit min-max --save $$(@D)/scaler.qf > $$@.tmp; \
	$$(call done_step,prepare as published: seed $1)
$(OUT)/paper/seed-$1/$2-$3/train.qf $(OUT)/paper/seed-$1/$2-$3/test.qf: %.qf: \
  $(OUT)/paper/seed-$1/$2-$3/all.qf $(call parameter,TEST_SHARE) $(BIN)/qf-split
	@$(call split,$1,--group none --emit $$(*F)) < $$< > $$@.tmp; $$(call done_step,split seed $1: $$(*F))
endef

# One model of one seed: train, predict, score.
define model_steps
$4/$3.model.qf: $4/train.qf $(BIN)/qf-train-classic
	@$$(call timed,$(BIN)/qf-train-classic --model $3 --seed $1 --threads 1 < $$< > $$@.tmp); \
	$$(call done_step,train $3 on $2: seed $1)
$4/$3.scores.qf: $4/test.qf $4/$3.model.qf $(BIN)/qf-predict
	@$$(call timed,$(BIN)/qf-predict --model $4/$3.model.qf --threads 1 < $$< > $$@.tmp); \
	$$(call done_step,predict with $3: seed $1)
$4/$3.metrics.qf: $4/$3.scores.qf $(BIN)/qf-score
	@$(BIN)/qf-score --variant $2 --protocol $(PROTOCOL) < $$< > $$@.tmp; \
	$$(call done_step,score $3: seed $1)
benchmark_metrics += $4/$3.metrics.qf
benchmark_times += $3,$2,$(PROTOCOL),$1,train,$4/$3.model.qf.seconds $3,$2,$(PROTOCOL),$1,predict,$4/$3.scores.qf.seconds
endef

benchmark_metrics :=
benchmark_times :=
$(foreach s,$(SEEDS),$(if $(filter honest,$(PROTOCOL)),$(eval $(call honest_split,$s))))
$(foreach s,$(SEEDS),$(foreach v,$(benchmark_variants),$(foreach k,$(benchmark_scalings),\
  $(eval $(call $(PROTOCOL)_data,$s,$v,$k)))))
$(foreach s,$(SEEDS),$(foreach v,$(benchmark_variants),$(foreach m,$(MODELS),\
  $(eval $(call model_steps,$s,$v,$m,$(OUT)/$(PROTOCOL)/seed-$s/$v-$(call scaling_of,$m,$v))))))

# The list of metrics is itself a parameter: another MODELS or SEEDS makes another report.
benchmark_list := $(OUT)/parameters/list
ifneq ($(filter benchmark-steps,$(MAKECMDGOALS)),)
$(shell printf '%s\n' $(benchmark_metrics) | cmp -s - '$(benchmark_list)' || \
  printf '%s\n' $(benchmark_metrics) > '$(benchmark_list)')
endif

$(OUT)/metrics.qf: $(benchmark_metrics) $(benchmark_list)
	@cat $(benchmark_metrics) > $@.tmp; $(call done_step,gather)

report = $(BIN)/qf-report --audit $(benchmark_root)/audit.txt $(if $(PUBLISHED),--published '$(PUBLISHED)')

$(OUT)/metrics.csv: $(OUT)/metrics.qf $(BIN)/qf-report
	@$(BIN)/qf-report --to csv < $< > $@.tmp; $(call done_step,metrics.csv)
$(OUT)/report.%: $(OUT)/metrics.qf $(OUT)/timings.csv $(benchmark_root)/audited.qf $(BIN)/qf-report \
  $(call parameter,PUBLISHED) $(PUBLISHED)
	@$(report) --timings $(OUT)/timings.csv --to $* < $< > $@.tmp; $(call done_step,report.$*)
$(OUT)/timings.csv: $(OUT)/metrics.qf
	@{ echo model,variant,protocol,seed,step,seconds; \
	  for row in $(benchmark_times); do echo "$${row%,*},$$(cat "$${row##*,}")"; done; } > $@.tmp; \
	$(call done_step,timings.csv)

.PHONY: benchmark benchmark-steps
benchmark-steps: $(OUT)/metrics.csv $(OUT)/timings.csv $(OUT)/report.html $(OUT)/report.md

# First a dry run counts the steps, so that progress can say how many there are.
benchmark: all ## every model on DATA, with a report in OUT
	@for model in $(MODELS); do $(BIN)/qf-train-classic --list --model $$model > /dev/null || exit; done; \
	mkdir -p $(OUT); rm -f $(OUT)/.steps; \
	steps=$$($(MAKE) -n --no-print-directory benchmark-steps | grep -c 'mv .*\.tmp') || true; \
	$(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS)) benchmark-steps STEPS=$$steps
	@echo; $(report) --to text < $(OUT)/metrics.qf
	@echo; echo 'Report: $(OUT)/report.html (also report.md, metrics.csv, timings.csv)'
