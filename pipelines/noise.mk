# make noise: what noise and finite shots cost a trained quantum network, after the robustness curves of QFNN-FFD (Innan et
# al. 2024, arXiv 2404.02595): accuracy and PR-AUC against the strength of each channel behind every gate, and of readout, of
# nets that were trained without it and of nets that were trained with it; and against the number of shots. The honest
# protocol, the recipe "sound" of nets.mk. Variables: common.mk, and
#
#   NOISE_NET        the net (hybrid-small)
#   NOISES           channels and readout
#   NOISE_STRENGTHS  the small ones are what hardware has
#   NOISE_SHOTS      shots a row, from which all its expectation values are estimated

NOISE_NET ?= hybrid-small
NOISES ?= bit-flip phase-flip depolarising amplitude-damping phase-damping readout
NOISE_STRENGTHS ?= 0.001 0.003 0.01 0.03 0.1 0.2 0.3 0.4 0.5
NOISE_SHOTS ?= 16 64 256 1024 4096 16384

ifneq ($(filter noise noise-steps,$(MAKECMDGOALS)),)
noise_kinds := bit-flip phase-flip depolarising amplitude-damping phase-damping readout
$(call once,NOISE_NET NOISES NOISE_STRENGTHS NOISE_SHOTS)
ifneq ($(filter-out hybrid-small hybrid-large,$(NOISE_NET))$(words $(NOISE_NET)),1)
$(error NOISE_NET=$(NOISE_NET): expected hybrid-small or hybrid-large)
endif
ifneq ($(filter-out $(noise_kinds),$(NOISES)),)
$(error NOISES=$(NOISES): expected some of $(noise_kinds))
endif
$(call refuse,NOISE_STRENGTHS,[^0-9. ],expected numbers from 0 to 1)
$(call refuse,NOISE_SHOTS,[^0-9 ]|(^| )0,expected whole numbers above 0)
endif

noise_root := $(OUT)/noise
$(eval $(call audit,$(noise_root),--fix))
$(foreach s,$(SEEDS),$(eval $(call split_parts,$(noise_root),$s)))
noise_train = $(BIN)/qf-train-qnn $(NET_$(NOISE_NET)) $(call recipe,$(NOISE_NET),sound)
$(call write_parameters,NOISE_NET)

define noise_data
$(noise_root)/seed-$1/train.qf: $(noise_root)/seed-$1/split-train.qf $(BIN)/qf-scale
	@$(BIN)/qf-scale --fit $(call scale_fit,$(call recipe_scaling,sound)) --save $$(@D)/scaler.qf < $$< > $$@.tmp; \
	$$(call done_step,prepare the train part of seed $1)
$(noise_root)/seed-$1/test.qf: $(noise_root)/seed-$1/split-test.qf $(noise_root)/seed-$1/train.qf
	@$(BIN)/qf-scale --apply $$(@D)/scaler.qf < $$< > $$@.tmp; $$(call done_step,prepare the test part of seed $1)
$(noise_root)/seed-$1/without.model.qf: $(noise_root)/seed-$1/train.qf $(call parameter,NOISE_NET) $(BIN)/qf-train-qnn
	@$$(noise_train) --seed $1 --threads 1 < $$< > $$@.tmp; $$(call done_step,train without noise: seed $1)
endef

# Predicts with noise and scores. $(call noise_score,SEED,NAME,STRENGTH,TRAINING,PREDICT OPTIONS,MODEL)
define noise_score
$(noise_root)/seed-$1/$2-$3.$4.metrics.qf: $(noise_root)/seed-$1/test.qf $6 $(BIN)/qf-predict $(BIN)/qf-score
	@$(BIN)/qf-predict --model $6 $5 --seed $1 --threads 1 < $$< | $(BIN)/qf-score --label model=$$(NOISE_NET) \
	  --variant $2-$3-$4 --protocol honest --label noise=$2 --label strength=$3 --label training=$4 > $$@.tmp; \
	$$(call done_step,$2 $3 trained $4 it: seed $1)
noise_metrics += $(noise_root)/seed-$1/$2-$3.$4.metrics.qf
endef
# $(call noise_trained,SEED,NAME,STRENGTH): a net that is trained with the noise that it predicts with.
define noise_trained
$(noise_root)/seed-$1/$2-$3.model.qf: $(noise_root)/seed-$1/train.qf $(call parameter,NOISE_NET) $(BIN)/qf-train-qnn
	@$$(noise_train) --noise $2:$3 --seed $1 --threads 1 < $$< > $$@.tmp; $$(call done_step,train with $2 $3: seed $1)
endef

noise_metrics :=
$(foreach s,$(SEEDS),$(eval $(call noise_data,$s))\
  $(eval $(call noise_score,$s,none,0,without,,$(noise_root)/seed-$s/without.model.qf)))
$(foreach s,$(SEEDS),$(foreach n,$(NOISES),$(foreach p,$(NOISE_STRENGTHS),$(eval $(call noise_trained,$s,$n,$p))\
  $(eval $(call noise_score,$s,$n,$p,without,--noise $n:$p,$(noise_root)/seed-$s/without.model.qf))\
  $(eval $(call noise_score,$s,$n,$p,with,,$(noise_root)/seed-$s/$n-$p.model.qf)))))
$(foreach s,$(SEEDS),$(foreach n,$(NOISE_SHOTS),\
  $(eval $(call noise_score,$s,shots,$n,without,--shots $n,$(noise_root)/seed-$s/without.model.qf))))
$(eval $(call gather,$(OUT)/noise.qf,$(noise_metrics)))
$(eval $(call gather,$(OUT)/noise.exact.qf,$(filter %/none-0.without.metrics.qf,$(noise_metrics))))

noise_report = $(BIN)/qf-report --audit $(noise_root)/audit.txt --noise $(OUT)/noise.qf
$(OUT)/noise.csv: $(OUT)/noise.qf $(BIN)/qf-report
	@$(BIN)/qf-report --to csv --columns model,noise,strength,training,seed,accuracy,pr_auc,roc_auc,mcc,log_loss,violations \
	  < $< > $@.tmp; $(call done_step,noise.csv)
$(OUT)/noise.html $(OUT)/noise.md: $(OUT)/noise.%: $(OUT)/noise.exact.qf $(OUT)/noise.qf $(BIN)/qf-report
	@$(noise_report) --title 'Noise and shots: what is left of a quantum network' --to $* < $< > $@.tmp; \
	$(call done_step,noise.$*)

.PHONY: noise noise-steps
noise-steps: $(OUT)/noise.csv $(OUT)/noise.html $(OUT)/noise.md

noise: all ## what noise and finite shots cost a quantum network, trained without and with them
	@$(call run_steps,noise)
	@echo; $(noise_report) --to text < $(OUT)/noise.exact.qf
	@echo; echo 'Report: $(OUT)/noise.html (also noise.md, noise.csv)'
