# make quantum-kernels: support vector machines by fidelity kernels against a radial one. Angle embedding, ZZ feature map and
# IQP at 4, 6 and 8 wires, on a stratified sample of the training part; scored on the untouched test part. Variables:
# common.mk, and
#
#   SAMPLE  rows to fit to (2000)
#   WIRES   numbers of wires, a principal component each ("4 6 8")
#   MAPS    feature maps ("angle zz iqp")
#
# Columns become angles in two steps. All that is fitted here is fitted on the training part: logarithms, unit deviation,
# clipped at 3 deviations; the first principal components, each scaled to unit deviation and clipped at 3 once more, so that
# at a bandwidth of 1 an angle stays within a half turn and nothing wraps. The radial kernel sees these very rows. Every
# kernel has the same budget, 12 points by 3-fold cross-validation: three costs C, and four of what sets its length scale,
# gamma or the bandwidth that multiplies the angles (Shaydulin and Wild 2022: without it, kernels concentrate). A bandwidth
# c is, of the map "angle" and small angles, a gamma of c^2 / 4; one beyond 1 would wrap. NAME-as-is is the map with a
# bandwidth of 1, only C tuned.

SAMPLE ?= 2000
WIRES ?= 4 6 8
MAPS ?= angle zz iqp

ifneq ($(filter quantum-kernels quantum-kernels-steps,$(MAKECMDGOALS)),)
$(call once,SAMPLE WIRES MAPS)
$(call refuse,WIRES,[^0-9 ]|^ *$$|(^| )0,expected whole numbers above 0)
$(call refuse,SAMPLE,[^0-9]|^$$|^0,expected a whole number above 0)
$(call refuse,MAPS,[^a-z ]|^ *$$,expected angle$(comma) zz and iqp)
ifneq ($(filter-out angle zz iqp,$(MAPS)),)
$(error MAPS=$(MAPS): expected angle, zz and iqp)
endif
endif
$(call write_parameters,SAMPLE)

kernels_root := $(OUT)/kernels
kernel_costs := --grid C=0.1,1,10
kernel_scales := 0.03,0.1,0.3,1
KERNEL_rbf := --kernel rbf $(kernel_costs) --grid gamma=$(kernel_scales)
KERNEL_CIRCUIT_angle := rx
kernel_circuit = --kernel quantum --circuit $(or $(KERNEL_CIRCUIT_$1),$1) $(kernel_costs)
$(foreach m,$(MAPS),$(eval KERNEL_$m := $(call kernel_circuit,$m) --grid bandwidth=$(kernel_scales))\
  $(eval KERNEL_$m-as-is := $(call kernel_circuit,$m)))
kernel_names := rbf $(MAPS) $(MAPS:=-as-is)

$(eval $(call audit,$(kernels_root),--fix))
$(foreach s,$(SEEDS),$(eval $(call split_parts,$(kernels_root),$s)))

# $(call kernel_rows,SEED)
define kernel_rows
$(kernels_root)/seed-$1/scaled-train.qf: $(kernels_root)/seed-$1/split-train.qf $(BIN)/qf-scale
	@$(BIN)/qf-scale --fit log-standard --clip 3 --save $$(@D)/scaler.qf < $$< > $$@.tmp; \
	$$(call done_step,scale the training part: seed $1)
$(kernels_root)/seed-$1/sample.qf: $(kernels_root)/seed-$1/scaled-train.qf $(call parameter,SAMPLE) $(BIN)/qf-split
	@$(BIN)/qf-split --sample $(SAMPLE) --seed $1 < $$< > $$@.tmp; $$(call done_step,sample $(SAMPLE) rows: seed $1)
$(kernels_root)/seed-$1/scaled-test.qf: $(kernels_root)/seed-$1/split-test.qf $(kernels_root)/seed-$1/scaled-train.qf
	@$(BIN)/qf-scale --apply $$(@D)/scaler.qf < $$< > $$@.tmp; $$(call done_step,scale the test part: seed $1)
endef

# Angles of a number of wires. $(call kernel_angles,SEED,WIRES)
kernel_apply = $(BIN)/qf-reduce --apply $1/reducer.qf < $2 | $(BIN)/qf-scale --apply $1/angles.qf
define kernel_angles
$(kernels_root)/seed-$1/$2/all.qf: $(kernels_root)/seed-$1/scaled-train.qf $(BIN)/qf-reduce $(BIN)/qf-scale
	@mkdir -p $$(@D); $(BIN)/qf-reduce --to $2 --save $$(@D)/reducer.qf --threads 1 < $$< \
	  | $(BIN)/qf-scale --fit standard --clip 3 --save $$(@D)/angles.qf > $$@.tmp; \
	$$(call done_step,$2 principal components: seed $1)
$(kernels_root)/seed-$1/$2/train.qf: $(kernels_root)/seed-$1/sample.qf $(kernels_root)/seed-$1/$2/all.qf
	@$$(call kernel_apply,$$(@D),$$<) > $$@.tmp; $$(call done_step,$2 angles of the sample: seed $1)
$(kernels_root)/seed-$1/$2/test.qf: $(kernels_root)/seed-$1/scaled-test.qf $(kernels_root)/seed-$1/$2/all.qf
	@$$(call kernel_apply,$$(@D),$$<) > $$@.tmp; $$(call done_step,$2 angles of the test part: seed $1)
endef

# One kernel: train, predict, score. $(call kernel_steps,SEED,WIRES,KERNEL)
define kernel_steps
$(kernels_root)/seed-$1/$2/$3.model.qf: $(kernels_root)/seed-$1/$2/train.qf $(BIN)/qf-train-classic
	@$(BIN)/qf-train-classic --model svm $(KERNEL_$3) --tune pr_auc --seed $1 --threads 1 < $$< > $$@.tmp; \
	$$(call done_step,train $3 on $2 wires: seed $1)
$(kernels_root)/seed-$1/$2/$3.scores.qf: $(kernels_root)/seed-$1/$2/test.qf $(kernels_root)/seed-$1/$2/$3.model.qf $(BIN)/qf-predict
	@$(BIN)/qf-predict --model $(kernels_root)/seed-$1/$2/$3.model.qf --threads 1 < $$< > $$@.tmp; \
	$$(call done_step,predict with $3 on $2 wires: seed $1)
$(kernels_root)/seed-$1/$2/$3.metrics.qf: $(kernels_root)/seed-$1/$2/$3.scores.qf $(BIN)/qf-score
	@$(BIN)/qf-score --label model=$3 $(if $(filter rbf,$3),--label wires=$2) --variant '$2 wires' --protocol honest \
	  < $$< > $$@.tmp; $$(call done_step,score $3 on $2 wires: seed $1)
kernel_metrics += $(kernels_root)/seed-$1/$2/$3.metrics.qf
kernel_scores_$3_$2 += $(kernels_root)/seed-$1/$2/$3.scores.qf
endef

kernel_metrics :=
$(foreach s,$(SEEDS),$(eval $(call kernel_rows,$s))$(foreach w,$(WIRES),$(eval $(call kernel_angles,$s,$w))))
$(foreach s,$(SEEDS),$(foreach w,$(WIRES),$(foreach k,$(kernel_names),$(eval $(call kernel_steps,$s,$w,$k)))))
$(eval $(call gather,$(OUT)/kernels.qf,$(kernel_metrics)))

# All runs of a kernel in one file, and the radial one against the tuned maps: a family for each number of wires.
# $(call kernel_runs,WIRES,KERNEL)
define kernel_runs
$(kernels_root)/$2-$1.qf: $(kernel_scores_$2_$1) $(call list_file,$2-$1.list,$(kernel_scores_$2_$1))
	@cat $(kernel_scores_$2_$1) > $$@.tmp; $$(call done_step,gather the scores of $2 on $1 wires)
endef
# $(call kernel_comparison,WIRES,FILES)
define kernel_comparison
$(kernels_root)/compared-$1.qf: $2 $(call list_file,compared-$1.list,$2) $(BIN)/qf-compare
	@$(BIN)/qf-compare --metric pr_auc $2 > $$@.tmp; $$(call done_step,compare kernels on $1 wires)
endef
$(foreach w,$(WIRES),$(foreach k,rbf $(MAPS),$(eval $(call kernel_runs,$w,$k)))\
  $(eval $(call kernel_comparison,$w,$(foreach k,rbf $(MAPS),$(kernels_root)/$k-$w.qf))))
$(eval $(call gather,$(OUT)/kernels.comparisons.qf,$(WIRES:%=$(kernels_root)/compared-%.qf)))

kernel_columns := model,wires,seed,pr_auc,accuracy,mcc,roc_auc,setting,kernel_mean,kernel_variance,kernel_alignment,n_train,n_test,violations
kernel_report = $(BIN)/qf-report --audit $(kernels_root)/audit.txt --comparisons $(OUT)/kernels.comparisons.qf

$(OUT)/kernels.csv: $(OUT)/kernels.qf $(BIN)/qf-report
	@$(BIN)/qf-report --to csv --columns $(kernel_columns) < $< > $@.tmp; $(call done_step,kernels.csv)
$(OUT)/kernels.html $(OUT)/kernels.md: $(OUT)/kernels.%: $(OUT)/kernels.qf $(OUT)/kernels.comparisons.qf $(BIN)/qf-report
	@$(kernel_report) --title 'Quantum kernels beside a radial one' --to $* < $< > $@.tmp; $(call done_step,kernels.$*)

.PHONY: quantum-kernels quantum-kernels-steps
quantum-kernels-steps: $(OUT)/kernels.csv $(OUT)/kernels.html $(OUT)/kernels.md

quantum-kernels: all ## fidelity kernels of 4, 6 and 8 wires against a radial one, all tuned alike
	@$(call run_steps,quantum-kernels)
	@echo; $(kernel_report) --to text < $(OUT)/kernels.qf
	@echo; echo 'Report: $(OUT)/kernels.html (also kernels.md, kernels.csv)'
