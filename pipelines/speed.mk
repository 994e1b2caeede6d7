# make speed, make peers: how fast. No test looks at a clock; these print what they measured.
#
#   DATA, TARGET  as for make benchmark; without DATA, data that qf-synth makes
#   ROUNDS        times that each side of a comparison runs; the shortest counts (7)
#   ONLY          of make peers: comparisons whose name matches this (a regular expression)
#   SIZES         rows of make speed ("10000 100000 1000000")

ROUNDS ?= 7
SIZES ?= 10000 100000 1000000

.PHONY: speed
speed: all ## how time and memory of the tools grow with the rows, beside what hashing the same bytes takes
	@PATH="$(abspath $(BUILD))/bin:$$PATH" tests/speed $(SIZES)

# The quantum layer, forward and backward: QF_SIMD=avx2 make quantum-speed
$(BUILD)/tests/quantum_speed: $(BUILD)/tests/peers/quantum_speed.o $(LIBRARY)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)
.PHONY: quantum-speed
quantum-speed: $(BUILD)/tests/quantum_speed ## time of the quantum layer, a batch and a sample
	@$<

PEERS := $(BUILD)/peers
PEER_PYTHON := $(PEERS)/venv/bin/python

# A virtual environment of its own: Debian's packages are older than what users have.
$(PEERS)/venv/done: tests/peers/requirements.txt
	@command -v python3 > /dev/null && python3 -c 'import ensurepip, venv' 2> /dev/null || \
	  $(MAKE) --no-print-directory deps PACKAGES='python3 python3-venv'
	@mkdir -p $(PEERS); rm -rf $(PEERS)/venv; python3 -m venv $(PEERS)/venv
	@$(PEER_PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# An index column would make any model perfect; nothing else is dropped.
.PHONY: peers
peers: all $(PEERS)/venv/done ## compare speed and results with scikit-learn, its Intel extension, imbalanced-learn, pandas, XGBoost
	@export PATH="$(abspath $(BUILD))/bin:$$PATH"; cd $(PEERS); \
	$(if $(DATA),cp '$(abspath $(DATA))' data.csv,qf-synth | qf-export --to csv > data.csv); \
	qf-import $(if $(TARGET),--target '$(TARGET)') data.csv | qf-audit --drop-identifiers --quiet > data.qf || [ $$? -eq 1 ]; \
	qf-scale --fit log-standard --save scaler.qf < data.qf > scaled.qf; \
	for part in train test; do \
	  qf-split --group none --test 0.2 --emit $$part --seed 1 < data.qf > $$part.qf; \
	  qf-split --group none --test 0.2 --emit $$part --seed 1 < scaled.qf > scaled-$$part.qf; \
	done; \
	for table in data scaled train test scaled-train scaled-test; do qf-export --to npz < $$table.qf > $$table.npz; done
	@export PATH="$(abspath $(BUILD))/bin:$$PATH"; status=0; \
	echo "Shortest of $(ROUNDS), in turn; the peer's call alone against qf's whole process:"; \
	for threads in $$(printf '%s\n' 1 $$(nproc) | uniq); do \
	  OMP_NUM_THREADS=$$threads TARGET='$(TARGET)' \
	    $(PEER_PYTHON) tests/peers/compare.py $(PEERS) $$threads $(ROUNDS) '$(ONLY)' || status=1; \
	done; echo "Kept in $(PEERS)/peers-*.csv"; exit $$status
