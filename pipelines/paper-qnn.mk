# make paper-qnn: the quantum networks of the paper as they were trained, faults included: the row index kept, SMOTE and min-max
# scaling over all rows before the split, a fifth of the training rows set aside. The report flags it, beside the published
# curves (data/qnn.csv) and confusion matrices (data/qnn-results.csv). Variables: common.mk.

PAPER_NETS := hybrid-small hybrid-large hybrid-10 twin
NET_twin := --layers 4 --quantum none --batch 20
RATE_twin := 0.01
PUBLISHED_EPOCHS_twin := 3
paper_qnn_root := $(OUT)/qnn

$(eval $(call audit,$(paper_qnn_root)))

define paper_qnn_data
$(paper_qnn_root)/seed-$1/all.qf: $(paper_qnn_root)/audited.qf $(BIN)/qf-scale $(BIN)/qf-smote
	@mkdir -p $$(@D); $(BIN)/qf-smote --ratio 1 --seed $1 --quiet --threads 1 < $$< \
	  | $(BIN)/qf-scale --fit min-max > $$@.tmp; $$(call done_step,prepare as published: seed $1)
$(paper_qnn_root)/seed-$1/train.qf $(paper_qnn_root)/seed-$1/test.qf: %.qf: $(paper_qnn_root)/seed-$1/all.qf \
  $(call parameter,TEST_SHARE) $(BIN)/qf-split
	@$(BIN)/qf-split --test $(TEST_SHARE) --seed $1 --group none --emit $$(*F) < $$< > $$@.tmp; \
	$$(call done_step,split seed $1: $$(*F))
endef
$(foreach s,$(SEEDS),$(eval $(call paper_qnn_data,$s)))
# The nets of this experiment alone: make benchmark has its own.
net_metrics :=
net_times :=
$(foreach s,$(SEEDS),$(foreach n,$(PAPER_NETS),\
  $(eval $(call net_steps,$s,$n,published,$(paper_qnn_root)/seed-$s,paper,--validation 0.2))))
$(eval $(call gather,$(OUT)/qnn.qf,$(net_metrics)))

paper_qnn_report = $(BIN)/qf-report --audit $(paper_qnn_root)/audit.txt --published data/qnn-results.csv \
  --published-epochs data/qnn.csv
$(OUT)/qnn.csv: $(OUT)/qnn.qf $(BIN)/qf-report
	@$(BIN)/qf-report --to csv < $< > $@.tmp; $(call done_step,qnn.csv)
$(OUT)/qnn.html $(OUT)/qnn.md: $(OUT)/qnn.%: $(OUT)/qnn.qf $(BIN)/qf-report data/qnn-results.csv data/qnn.csv
	@$(paper_qnn_report) --title 'The quantum networks of the paper' --to $* < $< > $@.tmp; $(call done_step,qnn.$*)

.PHONY: paper-qnn paper-qnn-steps
paper-qnn-steps: $(OUT)/qnn.csv $(OUT)/qnn.html $(OUT)/qnn.md

paper-qnn: all ## the quantum networks of the paper, faults included, beside the published numbers
	@$(call run_steps,paper-qnn)
	@echo; $(paper_qnn_report) --to text < $(OUT)/qnn.qf
	@echo; echo 'Report: $(OUT)/qnn.html (also qnn.md, qnn.csv)'
