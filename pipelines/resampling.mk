# make resampling: section 3 of the paper as an experiment. Does SMOTE raise the recall of fraud, or does it only move the
# threshold? Forest and logistic regression with nothing, undersampling, SMOTE on the training part, class weights, a
# threshold moved to the best F1, and SMOTE before the split (flagged): recall at the default threshold and where all raise
# the same alerts, 5 % of the rows. Variables: common.mk.

RESAMPLING_MODELS := forest logistic
RESAMPLING_VARIANTS := nothing undersample smote class-weights threshold smote-before-split
RESAMPLING_SET_class-weights := --class-weight balanced
RESAMPLING_SET_threshold := --threshold f1
RESAMPLING_undersample = | $(BIN)/qf-undersample --ratio 1 --seed $1
RESAMPLING_smote = | $(BIN)/qf-smote --ratio 1 --seed $1 --quiet --threads 1
resampling_root := $(OUT)/resampling

$(eval $(call audit,$(resampling_root),--fix))
$(foreach s,$(SEEDS),$(eval $(call split_parts,$(resampling_root),$s)))

# Scaled rows of one seed, resampled or not; distances and the logistic regression need no long tails.
# $(call resampling_data,SEED,VARIANT)
define resampling_data
$(resampling_root)/seed-$1/$2.train.qf: $(resampling_root)/seed-$1/split-train.qf $(BIN)/qf-scale $(BIN)/qf-smote $(BIN)/qf-undersample
	@$(BIN)/qf-scale --fit log-standard --save $$(@:train.qf=scaler.qf) < $$< $(call RESAMPLING_$2,$1) > $$@.tmp; \
	$$(call done_step,prepare $2: seed $1)
$(resampling_root)/seed-$1/$2.test.qf: $(resampling_root)/seed-$1/split-test.qf $(resampling_root)/seed-$1/$2.train.qf
	@$(BIN)/qf-scale --apply $$(@:test.qf=scaler.qf) < $$< > $$@.tmp; $$(call done_step,scale the test part for $2: seed $1)
endef

# The published way: SMOTE and scaling over all rows, then the split.
define resampling_before_split
$(resampling_root)/seed-$1/smote-before-split.%.qf: $(resampling_root)/audited.qf $(call parameter,TEST_SHARE) \
  $(BIN)/qf-scale $(BIN)/qf-smote $(BIN)/qf-split
	@mkdir -p $$(@D); $(BIN)/qf-scale --fit log-standard < $$< $(call RESAMPLING_smote,$1) | \
	  $(BIN)/qf-split --test $(TEST_SHARE) --seed $1 --group none --emit $$* > $$@.tmp; \
	$$(call done_step,prepare smote-before-split: seed $1 $$*)
endef

# $(call resampling_steps,SEED,VARIANT,MODEL)
define resampling_steps
$(resampling_root)/seed-$1/$2.$3.model.qf: $(resampling_root)/seed-$1/$2.train.qf $(BIN)/qf-train-classic
	@$(BIN)/qf-train-classic --model $3 $(RESAMPLING_SET_$2) --seed $1 --threads 1 < $$< > $$@.tmp; \
	$$(call done_step,train $3 with $2: seed $1)
$(resampling_root)/seed-$1/$2.$3.scores.qf: $(resampling_root)/seed-$1/$2.test.qf $(resampling_root)/seed-$1/$2.$3.model.qf $(BIN)/qf-predict
	@$(BIN)/qf-predict --model $(resampling_root)/seed-$1/$2.$3.model.qf --threads 1 < $$< > $$@.tmp; \
	$$(call done_step,predict with $3 and $2: seed $1)
$(resampling_root)/seed-$1/$2.$3.metrics.qf: $(resampling_root)/seed-$1/$2.$3.scores.qf $(BIN)/qf-score
	@$(BIN)/qf-score --variant $2 --protocol honest < $$< > $$@.tmp; $$(call done_step,score $3 with $2: seed $1)
resampling_metrics += $(resampling_root)/seed-$1/$2.$3.metrics.qf
resampling_scores_$2_$3 += $(resampling_root)/seed-$1/$2.$3.scores.qf
endef

resampling_metrics :=
$(foreach s,$(SEEDS),$(foreach v,$(filter-out smote-before-split,$(RESAMPLING_VARIANTS)),$(eval $(call resampling_data,$s,$v)))\
  $(eval $(call resampling_before_split,$s)))
$(foreach s,$(SEEDS),$(foreach v,$(RESAMPLING_VARIANTS),$(foreach m,$(RESAMPLING_MODELS),$(eval $(call resampling_steps,$s,$v,$m)))))
$(eval $(call gather,$(OUT)/resampling.qf,$(resampling_metrics)))

# All runs of one way in one file. $(call resampling_runs,MODEL,VARIANT)
define resampling_runs
$(resampling_root)/$1-$2.qf: $(resampling_scores_$2_$1) $(call list_file,$1-$2.list,$(resampling_scores_$2_$1))
	@cat $(resampling_scores_$2_$1) > $$@.tmp; $$(call done_step,gather the scores of $1 with $2)
endef
$(foreach m,$(RESAMPLING_MODELS),$(foreach v,smote nothing,$(eval $(call resampling_runs,$m,$v))))

# SMOTE against nothing, by one metric: at the threshold and at equal alerts. $(call resampling_compare,MODEL,METRIC)
define resampling_compare
$(resampling_root)/$1-$2.compared.qf: $(resampling_root)/$1-smote.qf $(resampling_root)/$1-nothing.qf $(BIN)/qf-compare
	@$(BIN)/qf-compare --metric $2 $(resampling_root)/$1-smote.qf $(resampling_root)/$1-nothing.qf > $$@.tmp; \
	$$(call done_step,compare $1 with and without SMOTE by $2)
resampling_comparisons += $(resampling_root)/$1-$2.compared.qf
endef
resampling_comparisons :=
$(foreach m,$(RESAMPLING_MODELS),$(foreach k,recall recall_at_alert,$(eval $(call resampling_compare,$m,$k))))
$(eval $(call gather,$(OUT)/resampling.comparisons.qf,$(resampling_comparisons)))

resampling_columns := model,variant,seed,recall,recall_at_alert,alert_rate,precision,f1,pr_auc,expected_cost,cost_fp,cost_fn,threshold,prevalence_test,n_train,n_test,violations
resampling_report = $(BIN)/qf-report --audit $(resampling_root)/audit.txt --comparisons $(OUT)/resampling.comparisons.qf

$(OUT)/resampling.csv: $(OUT)/resampling.qf $(BIN)/qf-report
	@$(BIN)/qf-report --to csv --columns $(resampling_columns) < $< > $@.tmp; $(call done_step,resampling.csv)
$(OUT)/resampling.html $(OUT)/resampling.md: $(OUT)/resampling.%: $(OUT)/resampling.qf $(OUT)/resampling.comparisons.qf $(BIN)/qf-report
	@$(resampling_report) --title 'Resampling: does SMOTE raise recall?' --to $* < $< > $@.tmp; $(call done_step,resampling.$*)

.PHONY: resampling resampling-steps
resampling-steps: $(OUT)/resampling.csv $(OUT)/resampling.html $(OUT)/resampling.md

resampling: all ## does SMOTE raise recall? Six ways against imbalance, at the threshold and at equal alerts
	@$(call run_steps,resampling)
	@echo; $(resampling_report) --to text < $(OUT)/resampling.qf
	@echo; $(BIN)/qf-report --to csv --columns first,metric,verdict < $(OUT)/resampling.comparisons.qf | \
	  awk -F, 'NR > 1 { sub("-smote", "", $$1); where = $$2 == "recall" ? "at the default threshold" : "at equal alerts"; \
	    printf "SMOTE raises recall, %s, %s: %s\n", $$1, where, \
	      $$3 == "superior" ? "yes" : $$3 == "undecided" ? "undecided" : "no (" $$3 ")" }'
	@echo; echo 'Report: $(OUT)/resampling.html (also resampling.md, resampling.csv)'
