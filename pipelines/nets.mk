# The quantum neural networks that experiments train: what each is, how it is trained, what its twins are.
#
#   QUANTUM  nets of make benchmark ("hybrid-small hybrid-large"; empty: none)
#   TWINS    classical stand-ins of the circuit that each net is compared with, under the recipe "sound"
#   TUNE     a metric of qf-score ("pr_auc"): under that recipe rate and schedule are chosen by it, for each net and twin
#            among the same, by three folds of the training part; empty: nothing is tuned

QUANTUM ?= hybrid-small hybrid-large
TWINS ?= none dense cosine product frozen only
TUNE ?=
$(call write_parameters,TUNE)

# The nets of the paper (its first layer has as many units as its table columns, whatever ours has).
NET_hybrid-small := --layers 4 --circuit long --batch 25
NET_hybrid-large := --layers 113-64-32-16-4 --circuit short --batch 25
NET_hybrid-10 := --layers 113-64-32-16-10 --circuit short --batch 25
RATE_hybrid-small := 0.01
RATE_hybrid-large := 0.001
RATE_hybrid-10 := 0.001
PUBLISHED_EPOCHS_hybrid-small := 3
PUBLISHED_EPOCHS_hybrid-large := 10
PUBLISHED_EPOCHS_hybrid-10 := 3

# Two recipes: as the paper trained, and one in which angles do not wrap and the rate falls to 0. Each says how the columns are
# scaled before it. Rate and schedule of the sound one may be tuned.
RECIPE_SCALING_published := log-standard
RECIPE_SCALING_sound := clipped
# $(call recipe,NET,VARIANT): a recipe, or a twin under the sound one.
recipe = $(if $(filter published,$2),$(addprefix --rate ,$(RATE_$1)) --epochs $(PUBLISHED_EPOCHS_$1),--epochs 10 \
  $(if $(TUNE),$(tuning),$(addprefix --rate ,$(RATE_$1)) --schedule cosine) $(if $(filter $2,$(TWINS)),--quantum $2))
tuning = --grid rate=0.001,0.003,0.01,0.03 --grid schedule=cosine,constant --tune $(TUNE) --cv 3
recipe_scaling = $(or $(RECIPE_SCALING_$1),$(RECIPE_SCALING_sound))

# How qf-scale makes a scaling of this name.
SCALE_clipped := log-standard --clip 3
scale_fit = $(or $(SCALE_$1),$1)

# One net of one seed: train, predict, score; the training part, too. Appends to net_metrics and net_times.
# $(call net_steps,SEED,NET,VARIANT,DIRECTORY OF train.qf AND test.qf,PROTOCOL,FURTHER OPTIONS)
define net_steps
$4/$2.$3.model.qf: $4/train.qf $(call parameter,TUNE) $(BIN)/qf-train-qnn
	@$$(call timed,$(BIN)/qf-train-qnn $(NET_$2) $$(call recipe,$2,$3) $6 --seed $1 --threads 1 < $$< > $$@.tmp); \
	$$(call done_step,train $2 ($3): seed $1)
$4/$2.$3.scores.qf: $4/test.qf $4/$2.$3.model.qf $(BIN)/qf-predict
	@$$(call timed,$(BIN)/qf-predict --model $4/$2.$3.model.qf --threads 1 < $$< > $$@.tmp); \
	$$(call done_step,predict with $2 ($3): seed $1)
$4/$2.$3.metrics.qf: $4/$2.$3.scores.qf $4/train.qf $(BIN)/qf-score
	@{ $(BIN)/qf-score --label model=$2 --variant $3 --protocol $5 < $$<; \
	  $(BIN)/qf-predict --model $4/$2.$3.model.qf --threads 1 < $4/train.qf | \
	    $(BIN)/qf-score --part train --label model=$2 --variant $3 --protocol $5; } > $$@.tmp; \
	$$(call done_step,score $2 ($3): seed $1)
net_metrics += $4/$2.$3.metrics.qf
net_scores_$2_$3 += $4/$2.$3.scores.qf
net_times += $2,$3,$5,$1,train,$4/$2.$3.model.qf.seconds $2,$3,$5,$1,predict,$4/$2.$3.scores.qf.seconds
endef
net_metrics :=
net_times :=

# All runs of a net in one file, named as comparisons shall call it. $(call net_runs,FILE,NET,VARIANT)
define net_runs
$1: $(net_scores_$2_$3) $(call list_file,$2.$3.list,$(net_scores_$2_$3))
	@mkdir -p $$(@D); cat $(net_scores_$2_$3) > $$@.tmp; $$(call done_step,gather the scores of $2 ($3))
endef
