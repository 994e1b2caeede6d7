# make benchmark: every model on one data set, seed by seed, and the report. Variables that all experiments share are in
# common.mk.
#
#   PROTOCOL   honest, or paper: the published QNN experiment's preparation, faults included
#   MODELS     registry names of qf-train-classic
#   VARIANTS   of the honest protocol: plain, smote (the training rows balanced by SMOTE)
#   REFERENCE  the model that is compared with each of the others; all comparisons are one family

PROTOCOL ?= honest
MODELS ?= dummy tree forest adaboost xgboost mlp logistic svm knn
VARIANTS ?= plain
REFERENCE ?= forest

# Trees do not care how a column is scaled; every other model, and SMOTE with its distances, sees columns
# without the long tails.
SCALING ?= log-standard
SCALING_dummy ?= none
SCALING_tree ?= none
SCALING_forest ?= none
SCALING_adaboost ?= none
SCALING_xgboost ?= none
# $(call scaling_of,MODEL,VARIANT)
scaling_of = $(or $(if $(filter-out smote,$2),$(SCALING_$1)),$(SCALING))

# What is set beside the registry's defaults, the same for any data.
SETTINGS_adaboost ?= --set estimators=400
SETTINGS_mlp ?= --set epochs=50

ifneq ($(filter benchmark benchmark-steps,$(MAKECMDGOALS)),)
ifeq ($(and $(filter honest paper,$(PROTOCOL)),$(filter 1,$(words $(PROTOCOL)))),)
$(error PROTOCOL=$(PROTOCOL): expected honest or paper)
endif
ifneq ($(filter-out plain smote,$(VARIANTS)),)
$(error VARIANTS=$(VARIANTS): expected plain, smote or both)
endif
ifeq ($(and $(strip $(MODELS)),$(strip $(VARIANTS))),)
$(error SEEDS, MODELS and VARIANTS need at least one word each)
endif
endif

benchmark_variants := $(if $(filter paper,$(PROTOCOL)),qnn-data,$(VARIANTS))
benchmark_scalings := $(sort $(foreach v,$(benchmark_variants),$(foreach m,$(MODELS),$(call scaling_of,$m,$v))))
benchmark_root := $(OUT)/$(PROTOCOL)
# The honest protocol trains the nets by two recipes, with their twins; the paper's has make paper-qnn.
benchmark_nets := $(if $(filter honest,$(PROTOCOL)),$(QUANTUM))
benchmark_recipes := published sound $(TWINS)
benchmark_net_scalings := $(if $(benchmark_nets),$(sort $(foreach r,$(benchmark_recipes),$(call recipe_scaling,$r))))

# The honest protocol drops what gives a row away; the paper kept it.
$(eval $(call audit,$(benchmark_root),$(if $(filter honest,$(PROTOCOL)),--fix)))

# One seed's training and test rows, honest: split first, then fit everything on the training part.
define honest_data
$(OUT)/honest/seed-$1/$2-$3/train.qf: $(OUT)/honest/seed-$1/split-train.qf $(BIN)/qf-scale $(BIN)/qf-smote
	@mkdir -p $$(@D); $(BIN)/qf-scale --fit $(call scale_fit,$3) --save $$(@D)/scaler.qf < $$< $(if $(filter smote,$2), \
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
	@$(BIN)/qf-split --test $(TEST_SHARE) --seed $1 --group none --emit $$(*F) < $$< > $$@.tmp; \
	$$(call done_step,split seed $1: $$(*F))
endef

# One model of one seed: train, predict, score; the training part too, to show how far a model overfits.
# $(call model_steps,SEED,VARIANT,MODEL,DIRECTORY)
define model_steps
$4/$3.model.qf: $4/train.qf $(BIN)/qf-train-classic
	@$$(call timed,$(BIN)/qf-train-classic --model $3 $(SETTINGS_$3) --seed $1 --threads 1 < $$< > $$@.tmp); \
	$$(call done_step,train $3 on $2: seed $1)
$4/$3.scores.qf: $4/test.qf $4/$3.model.qf $(BIN)/qf-predict
	@$$(call timed,$(BIN)/qf-predict --model $4/$3.model.qf --threads 1 < $$< > $$@.tmp); \
	$$(call done_step,predict with $3: seed $1)
$4/$3.metrics.qf: $4/$3.scores.qf $4/train.qf $(BIN)/qf-score
	@{ $(BIN)/qf-score --variant $2 --protocol $(PROTOCOL) < $$<; \
	  $(BIN)/qf-predict --model $4/$3.model.qf --threads 1 < $4/train.qf | \
	    $(BIN)/qf-score --part train --variant $2 --protocol $(PROTOCOL); } > $$@.tmp; \
	$$(call done_step,score $3: seed $1)
benchmark_metrics += $4/$3.metrics.qf
benchmark_scores_$2_$3 += $4/$3.scores.qf
benchmark_times += $3,$2,$(PROTOCOL),$1,train,$4/$3.model.qf.seconds $3,$2,$(PROTOCOL),$1,predict,$4/$3.scores.qf.seconds
endef

benchmark_metrics :=
benchmark_times :=
$(foreach s,$(SEEDS),$(if $(filter honest,$(PROTOCOL)),$(eval $(call split_parts,$(OUT)/honest,$s))))
$(foreach s,$(SEEDS),$(foreach v,$(benchmark_variants),$(foreach k,$(benchmark_scalings),\
  $(eval $(call $(PROTOCOL)_data,$s,$v,$k)))))
$(foreach s,$(SEEDS),$(foreach k,$(filter-out $(if $(filter plain,$(benchmark_variants)),$(benchmark_scalings)),\
  $(benchmark_net_scalings)),$(eval $(call honest_data,$s,plain,$k))))
$(foreach s,$(SEEDS),$(foreach n,$(benchmark_nets),$(foreach r,$(benchmark_recipes),\
  $(eval $(call net_steps,$s,$n,$r,$(OUT)/honest/seed-$s/plain-$(call recipe_scaling,$r),$(PROTOCOL))))))
$(foreach s,$(SEEDS),$(foreach v,$(benchmark_variants),$(foreach m,$(MODELS),\
  $(eval $(call model_steps,$s,$v,$m,$(OUT)/$(PROTOCOL)/seed-$s/$v-$(call scaling_of,$m,$v))))))

benchmark_metrics += $(if $(benchmark_nets),$(net_metrics))
benchmark_times += $(if $(benchmark_nets),$(net_times))
$(eval $(call gather,$(OUT)/metrics.qf,$(benchmark_metrics)))

# All runs of a model in one file, for the comparisons: plain/forest.qf is the forest on plain data.
define model_scores
$(benchmark_root)/compared/$1/$2.qf: $(benchmark_scores_$1_$2) $(call list_file,compared-$1-$2.list,$(benchmark_scores_$1_$2))
	@mkdir -p $$(@D); cat $(benchmark_scores_$1_$2) > $$@.tmp; $$(call done_step,gather the scores of $2 on $1)
endef
$(foreach v,$(benchmark_variants),$(foreach m,$(MODELS),$(eval $(call model_scores,$v,$m))))
benchmark_compared := $(foreach v,$(firstword $(benchmark_variants)),\
  $(foreach m,$(if $(filter $(REFERENCE),$(MODELS)),$(REFERENCE) $(filter-out $(REFERENCE) dummy,$(MODELS))),\
    $(benchmark_root)/compared/$v/$m.qf))
# Each net under the sound recipe against its twins: a family of its own.
$(foreach n,$(benchmark_nets),$(foreach r,sound $(TWINS),\
  $(eval $(call net_runs,$(benchmark_root)/compared/$n/$(if $(filter sound,$r),$n,twin-$r).qf,$n,$r))))
net_compared = $(foreach r,sound $(TWINS),$(benchmark_root)/compared/$1/$(if $(filter sound,$r),$1,twin-$r).qf)
define net_comparison
$(benchmark_root)/compared/$1.qf: $(call net_compared,$1) $(call list_file,compared-$1.list,$(call net_compared,$1)) $(BIN)/qf-compare
	@$(BIN)/qf-compare $(call net_compared,$1) > $$@.tmp; $$(call done_step,compare $1 with its twins)
endef
$(if $(TWINS),$(foreach n,$(benchmark_nets),$(eval $(call net_comparison,$n))))

$(benchmark_root)/compared/models.qf: $(benchmark_compared) $(call list_file,comparisons.list,$(benchmark_compared)) $(BIN)/qf-compare
	@$(BIN)/qf-compare $(benchmark_compared) > $@.tmp; $(call done_step,compare $(REFERENCE) with the others)

benchmark_families := $(if $(word 2,$(benchmark_compared)),$(benchmark_root)/compared/models.qf) \
  $(if $(TWINS),$(foreach n,$(benchmark_nets),$(benchmark_root)/compared/$n.qf))
benchmark_comparisons := $(if $(strip $(benchmark_families)),$(OUT)/comparisons.qf)
$(if $(benchmark_comparisons),$(eval $(call gather,$(OUT)/comparisons.qf,$(benchmark_families))))

$(OUT)/profile.qf: $(benchmark_root)/audited.qf $(BIN)/qf-profile
	@$(BIN)/qf-profile < $< > $@.tmp; $(call done_step,profile)

benchmark_parts := $(OUT)/metrics.qf $(OUT)/timings.csv $(OUT)/profile.qf $(benchmark_comparisons)
benchmark_report = $(BIN)/qf-report --audit $(benchmark_root)/audit.txt --profile $(OUT)/profile.qf \
  $(if $(benchmark_comparisons),--comparisons $(benchmark_comparisons)) $(if $(PUBLISHED),--published '$(PUBLISHED)')

$(OUT)/metrics.csv: $(OUT)/metrics.qf $(BIN)/qf-report
	@$(BIN)/qf-report --to csv < $< > $@.tmp; $(call done_step,metrics.csv)
$(OUT)/report.%: $(benchmark_parts) $(benchmark_root)/audited.qf $(BIN)/qf-report $(call parameter,PUBLISHED) $(PUBLISHED)
	@$(benchmark_report) --timings $(OUT)/timings.csv --to $* < $< > $@.tmp; $(call done_step,report.$*)
$(OUT)/timings.csv: $(OUT)/metrics.qf
	@{ echo model,variant,protocol,seed,step,seconds; \
	  for row in $(benchmark_times); do seconds=$$(cat "$${row##*,}"); echo "$${row%,*},$$seconds"; done; } > $@.tmp; \
	$(call done_step,timings.csv)

.PHONY: benchmark benchmark-steps
benchmark-steps: $(OUT)/metrics.csv $(OUT)/timings.csv $(OUT)/report.html $(OUT)/report.md

benchmark: all ## every model on DATA, with a report in OUT
	@for model in $(MODELS); do $(BIN)/qf-train-classic --list --model $$model > /dev/null || exit; done; \
	$(call run_steps,benchmark)
	@echo; $(benchmark_report) --to text < $(OUT)/metrics.qf
	@echo; echo 'Report: $(OUT)/report.html (also report.md, metrics.csv, timings.csv)'
