# make paper-table1: Table 1 of the paper as it was made, beside the published values: no scaling, no SMOTE, the index
# dropped, one hyper-parameter of each model swept and chosen twice, by accuracy in 3-fold cross-validation of the training
# part and by the F1 of fraud on the test part (which the report flags). Variables: common.mk.

# The sweeps of the paper.
TABLE1_GRID_tree := alpha=0:0.00249:0.00001
TABLE1_GRID_adaboost := estimators=1:499
TABLE1_GRID_knn := k=1:100
TABLE1_GRID_mlp := epochs=10:149
TABLE1_GRID_logistic := iterations=1:174
TABLE1_GRID_forest := trees=1:499
TABLE1_GRID_svm := iterations=1600:2980:20
# Its forest is scikit-learn's.
TABLE1_SET_forest := --set smoothing=0
TABLE1_MODELS := dummy tree adaboost mlp logistic forest svm knn
table1_root := $(OUT)/table1

$(eval $(call audit,$(table1_root),--drop-identifiers))
$(foreach s,$(SEEDS),$(eval $(call split_parts,$(table1_root),$s,--group none)))

# $(call table1_steps,SEED,MODEL,CRITERION,HOW TO CHOOSE,FILES IT TAKES): train, predict, score.
define table1_steps
$(table1_root)/seed-$1/$2$3.model.qf: $(table1_root)/seed-$1/split-train.qf $5 $(BIN)/qf-train-classic
	@$(BIN)/qf-train-classic --model $2 $(TABLE1_SET_$2) $(if $3,--grid $(TABLE1_GRID_$2) $4 --curve $$(@:model.qf=curve.qf)) \
	  --seed $1 --threads 1 < $$< > $$@.tmp; $$(call done_step,train $2$(if $3, for $(3:-%=%)): seed $1)
$(table1_root)/seed-$1/$2$3.metrics.qf: $(table1_root)/seed-$1/split-test.qf $(table1_root)/seed-$1/$2$3.model.qf \
  $(BIN)/qf-predict $(BIN)/qf-score
	@$(BIN)/qf-predict --model $(table1_root)/seed-$1/$2$3.model.qf --threads 1 < $$< | \
	  $(BIN)/qf-score --protocol paper --variant '$(3:-%=%)' --label criterion=$(3:-%=%) > $$@.tmp; \
	$$(call done_step,score $2$(if $3, for $(3:-%=%)): seed $1)
table1_metrics += $(table1_root)/seed-$1/$2$3.metrics.qf
endef

table1_metrics :=
$(foreach s,$(SEEDS),$(foreach m,$(TABLE1_MODELS),$(if $(TABLE1_GRID_$m),\
  $(eval $(call table1_steps,$s,$m,-accuracy,--tune accuracy --cv 3))\
  $(eval $(call table1_steps,$s,$m,-f1,--tune f1 --judge $(table1_root)/seed-$s/split-test.qf,\
    $(table1_root)/seed-$s/split-test.qf)),\
  $(eval $(call table1_steps,$s,$m)))))
$(eval $(call gather,$(OUT)/table1.qf,$(table1_metrics)))

# A curve lies beside its model, and comes with it.
table1_tuned := $(foreach s,$(firstword $(SEEDS)),$(foreach m,$(TABLE1_MODELS),$(if $(TABLE1_GRID_$m),\
  $(table1_root)/seed-$s/$m-accuracy.model.qf)))
$(OUT)/table1.curves.qf: $(table1_tuned)
	@cat $(table1_tuned:model.qf=curve.qf) > $@.tmp; $(call done_step,gather the tuning curves)

table1_report = $(BIN)/qf-report --published data/table1.csv --audit $(table1_root)/audit.txt
table1_columns := model,criterion,seed,setting,accuracy,precision_weighted,recall_weighted,f1_weighted,published_accuracy,published_f1

$(OUT)/table1.csv: $(OUT)/table1.qf data/table1.csv $(BIN)/qf-report
	@$(table1_report) --to csv --columns $(table1_columns) < $< > $@.tmp; $(call done_step,table1.csv)
$(OUT)/table1.html $(OUT)/table1.md: $(OUT)/table1.%: $(OUT)/table1.qf $(OUT)/table1.curves.qf data/table1.csv $(BIN)/qf-report
	@$(table1_report) --title 'Table 1 of the paper' --curves $(OUT)/table1.curves.qf --to $* < $< > $@.tmp; \
	$(call done_step,table1.$*)

.PHONY: paper-table1 paper-table1-steps
paper-table1-steps: $(OUT)/table1.csv $(OUT)/table1.html $(OUT)/table1.md

paper-table1: all ## Table 1 of the paper with its sweeps, beside the published values
	@$(call run_steps,paper-table1)
	@echo; $(table1_report) --to text < $(OUT)/table1.qf
	@echo; echo 'Report: $(OUT)/table1.html (also table1.md, table1.csv)'
