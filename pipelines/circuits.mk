# make circuits: does any circuit of the literature beat its dense twin, and do expressibility or entanglement predict it?
# Every circuit and depth is trained behind four relus by the recipe "sound" of nets.mk, and so is its twin of about as many
# live weights (of one hidden unit at least), on the same splits; each pair is compared, all pairs being one family.
# Variables: common.mk, and
#
#   CIRCUITS   names of qf-circuit list
#   DEPTHS     layers of each, but for those that have no layers to repeat
#              (pauli-two-design draws its axes by the seed; what is said of it is of seed 1)
#   PLATEAUS   circuits whose gradients are followed over 2 to 16 wires, at the largest depth, measured on one wire and on all

CIRCUITS ?= $(foreach n,1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19,sim$n) \
  short long basic strong real-amplitudes efficient-su2 two-local pauli-two-design
DEPTHS ?= 1 2 3 4 5
PLATEAUS ?= real-amplitudes strong sim14
circuits_root := $(OUT)/circuits
circuits_once := short long

ifneq ($(filter circuits circuits-steps,$(MAKECMDGOALS)),)
ifeq ($(and $(strip $(CIRCUITS)),$(strip $(DEPTHS))),)
$(error CIRCUITS and DEPTHS need at least one word each)
endif
$(call once,CIRCUITS DEPTHS PLATEAUS)
$(call refuse,CIRCUITS PLATEAUS,[^ a-z0-9-],expected words of small letters$(comma) digits and -)
ifneq ($(shell printf '%s\n' '$(strip $(DEPTHS))' | tr ' ' '\n' | grep -vxE '[1-9][0-9]{0,2}'),)
$(error DEPTHS=$(DEPTHS): expected whole numbers from 1 to 999)
endif
endif

# "sim4-2" is sim4 with two layers. Depths of a circuit, and the option that says one.
circuits_depths = $(if $(filter $(circuits_once),$1),1,$(DEPTHS))
circuits_layers = $(if $(filter $(circuits_once),$1),,$2)

$(call write_parameters,SEEDS)
$(eval $(call audit,$(circuits_root),--fix))
define circuits_data
$(circuits_root)/seed-$1/train.qf: $(circuits_root)/seed-$1/split-train.qf $(BIN)/qf-scale
	@$(BIN)/qf-scale --fit $(call scale_fit,$(RECIPE_SCALING_sound)) --save $$(@D)/scaler.qf < $$< > $$@.tmp; \
	$$(call done_step,scale the train part of seed $1)
$(circuits_root)/seed-$1/test.qf: $(circuits_root)/seed-$1/split-test.qf $(circuits_root)/seed-$1/train.qf
	@$(BIN)/qf-scale --apply $$(@D)/scaler.qf < $$< > $$@.tmp; $$(call done_step,scale the test part of seed $1)
endef
$(foreach s,$(SEEDS),$(eval $(call split_parts,$(circuits_root),$s))$(eval $(call circuits_data,$s)))
circuits_rows := $(foreach s,$(SEEDS),$(circuits_root)/seed-$s/train.qf $(circuits_root)/seed-$s/test.qf)

# The scores of all seeds are one step, for a training takes less time than a step of its own would. "full" is the circuit.
# $(call circuits_steps,CIRCUIT,DEPTH,full OR dense,NAME)
define circuits_steps
$(circuits_root)/$4.qf: $(circuits_rows) $(call parameter,SEEDS) $(BIN)/qf-train-qnn $(BIN)/qf-predict
	@for seed in $(SEEDS); do \
	  $(BIN)/qf-train-qnn --layers 4 --circuit $1 $(addprefix --circuit-layers ,$(call circuits_layers,$1,$2)) --batch 25 --rate 0.01 \
	    $(call recipe,,sound) --quantum $3 --seed $$$$seed --threads 1 < $(circuits_root)/seed-$$$$seed/train.qf | \
	  $(BIN)/qf-predict --model /dev/stdin --threads 1 $(circuits_root)/seed-$$$$seed/test.qf; \
	done > $$@.tmp; $$(call done_step,train $4)
$(circuits_root)/$4.metrics.qf: $(circuits_root)/$4.qf $(BIN)/qf-score
	@$(BIN)/qf-score --label circuit=$1 --label layers=$2 --variant $3 --protocol honest < $$< > $$@.tmp; \
	$$(call done_step,score $4)
circuits_scores += $(circuits_root)/$4.qf
circuits_metrics += $(circuits_root)/$4.metrics.qf
endef

# What a circuit is like. $(call circuits_diagnosis,CIRCUIT,DEPTH,NAME,FURTHER OPTIONS)
define circuits_diagnosis
$(circuits_root)/$3.diagnosis.qf: $(BIN)/qf-circuit
	@mkdir -p $$(@D); $(BIN)/qf-circuit --diagnose --to metrics --circuit $1 $(addprefix --layers ,$(call circuits_layers,$1,$2)) --wires 4 $4 --threads 1 > $$@.tmp; \
	$$(call done_step,diagnose $3)
circuits_diagnoses += $(circuits_root)/$3.diagnosis.qf
endef

circuits_scores :=
circuits_metrics :=
circuits_diagnoses :=
$(foreach c,$(CIRCUITS),$(foreach d,$(call circuits_depths,$c),\
  $(eval $(call circuits_steps,$c,$d,full,$c-$d))\
  $(eval $(call circuits_steps,$c,$d,dense,$c-$d-dense))\
  $(eval $(call circuits_diagnosis,$c,$d,$c-$d,--most-wires 0))))
circuits_deepest := $(lastword $(shell printf '%s\n' $(DEPTHS) | sort -n))
$(foreach c,$(PLATEAUS),$(foreach m,I Z,\
  $(eval $(call circuits_diagnosis,$c,$(circuits_deepest),$c-plateau-$m,--measure 'pauli:Z$m*' --pairs 100))))

$(eval $(call gather,$(OUT)/circuits.qf,$(circuits_metrics)))
$(eval $(call gather,$(OUT)/circuits.diagnoses.qf,$(circuits_diagnoses)))
$(OUT)/circuits.comparisons.qf: $(circuits_scores) $(call list_file,circuits.comparisons.list,$(circuits_scores)) $(BIN)/qf-compare
	@$(BIN)/qf-compare --pairs --replicates 0 $(circuits_scores) > $@.tmp; $(call done_step,compare each circuit with its twin)

circuits_columns := circuit,layers,variant,seed,pr_auc,accuracy,mcc,brier,recall_at_alert,threshold,n_train,n_test,violations
circuits_report = $(BIN)/qf-report --circuits $(OUT)/circuits.diagnoses.qf --audit $(circuits_root)/audit.txt \
  --title 'Quantum circuits against their dense twins'

$(OUT)/circuits.csv: $(OUT)/circuits.qf $(BIN)/qf-report
	@$(BIN)/qf-report --to csv --columns $(circuits_columns) < $< > $@.tmp; $(call done_step,circuits.csv)
$(OUT)/circuits.html $(OUT)/circuits.md: $(OUT)/circuits.%: $(OUT)/circuits.comparisons.qf $(OUT)/circuits.diagnoses.qf \
  $(circuits_root)/audited.qf $(BIN)/qf-report
	@$(circuits_report) --to $* < $< > $@.tmp; $(call done_step,circuits.$*)

.PHONY: circuits circuits-steps
circuits-steps: $(OUT)/circuits.csv $(OUT)/circuits.html $(OUT)/circuits.md

circuits: all ## 27 circuits of the literature, depths 1 to 5, each against its dense twin; what predicts their scores
	@$(call run_steps,circuits)
	@echo; $(circuits_report) --to text < $(OUT)/circuits.comparisons.qf
	@echo; echo 'Report: $(OUT)/circuits.html (also circuits.md, circuits.csv)'
