# make speed, make peers: how fast. No test looks at a clock; these print what they measured.
#
#   DATA, TARGET  as for make benchmark; without DATA, data that qf-synth makes
#   ROUNDS        times that each side of a comparison runs; the shortest counts (7)
#   ONLY          of make peers: comparisons whose name or peer matches this (a regular expression)
#   SIZES         rows of make speed ("10000 100000 1000000")

ROUNDS ?= 7
SIZES ?= 10000 100000 1000000

.PHONY: speed
speed: all ## how time and memory of the tools grow with the rows, beside what hashing the same bytes takes
	@PATH="$(abspath $(BUILD))/bin:$$PATH" tests/speed $(SIZES)

PEER_PROGRAMS := $(BUILD)/tests/quantum_speed $(BUILD)/tests/ckks_speed $(BUILD)/tests/export_circuits
$(BUILD)/tests/quantum_speed $(BUILD)/tests/ckks_speed: $(BUILD)/tests/peers/machine.o
$(PEER_PROGRAMS): $(BUILD)/tests/%: $(BUILD)/tests/peers/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)

# The quantum layer, forward and backward, and epochs of the nets: QF_SIMD=avx2 make quantum-speed
.PHONY: quantum-speed
quantum-speed: $(BUILD)/tests/quantum_speed ## time of the quantum layer and of the paper's nets, beside what their arithmetic alone takes
	@$<

# Encryption: QF_SIMD=avx2 make ckks-speed
.PHONY: ckks-speed
ckks-speed: $(BUILD)/tests/ckks_speed ## time of encryption and of what is done with ciphertexts
	@$<

PEERS := $(BUILD)/peers
PEER_PYTHON := $(PEERS)/venv/bin/python

# Virtual environments of their own: Debian's packages are older than what users have, and the last PennyLane with a Keras
# layer, which the paper used, wants an older NumPy than the others.
$(PEERS)/venv/done: tests/peers/requirements.txt
$(PEERS)/paper-venv/done: tests/peers/paper-requirements.txt
$(PEERS)/venv/done $(PEERS)/paper-venv/done:
	@command -v python3 > /dev/null && python3 -c 'import ensurepip, venv' 2> /dev/null || \
	  $(MAKE) --no-print-directory deps PACKAGES='python3 python3-venv'
	@mkdir -p $(PEERS); rm -rf $(@D); python3 -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# A net whose trained circuit is compared for a row of the test part, and circuits of all kinds.
.PHONY: peer-circuits
peer-circuits: all $(BUILD)/tests/export_circuits $(PEERS)/venv/done ## whether Qiskit and PennyLane find in our OpenQASM what we find
	@rm -rf $(PEERS)/circuits; mkdir -p $(PEERS)/circuits/circuits
	@$(BUILD)/tests/export_circuits $(PEERS)/circuits/circuits > $(PEERS)/circuits/circuits/cases.json
	@export PATH="$(abspath $(BUILD))/bin:$$PATH"; cd $(PEERS)/circuits; \
	qf-synth --rows 2000 --columns 20 --seed 3 | qf-audit --fix --quiet > all.qf; \
	qf-split --test 0.3 < all.qf | qf-scale --fit log-standard --clip 3 --save scaler.qf > train.qf; \
	qf-split --test 0.3 --emit test < all.qf | qf-scale --apply scaler.qf > test.qf; \
	qf-train-qnn --layers 8-4 --circuit long --epochs 3 --seed 3 < train.qf > model.qf; \
	qf-predict --model model.qf < test.qf | qf-export --to csv | sort -gr | awk -F, 'NR == 1 { print $$4 }' > row; \
	for version in 2 3; do \
	  qf-circuit export --to qasm$$version --table test.qf --row $$(cat row) model.qf > row.$$version.qasm; \
	done
	@export PATH="$(abspath $(BUILD))/bin:$$PATH"; echo 'OpenQASM in other programs:'; \
	$(PEER_PYTHON) tests/peers/circuits.py $(PEERS)/circuits

# An index column would make any model perfect; nothing else is dropped.
.PHONY: peers
peers: all $(BUILD)/tests/quantum_speed $(BUILD)/tests/ckks_speed $(PEERS)/venv/done $(PEERS)/paper-venv/done peer-circuits ## speed and results beside scikit-learn, PennyLane, Qiskit, JAX, TenSEAL and others (3 GB of packages)
	@export PATH="$(abspath $(BUILD))/bin:$$PATH"; cd $(PEERS); \
	$(if $(DATA),cp '$(abspath $(DATA))' data.csv,qf-synth | qf-export --to csv > data.csv); \
	qf-import $(if $(TARGET),--target '$(TARGET)') data.csv | qf-audit --drop-identifiers --quiet > data.qf || [ $$? -eq 1 ]; \
	qf-scale --fit log-standard --save scaler.qf < data.qf > scaled.qf; \
	for part in train test; do \
	  qf-split --group none --test 0.2 --emit $$part --seed 1 < data.qf > $$part.qf; \
	  qf-split --group none --test 0.2 --emit $$part --seed 1 < scaled.qf > scaled-$$part.qf; \
	done; \
	qf-synth --rows 19238 --columns 112 | qf-scale --fit min-max > hybrid.qf; \
	for table in data scaled train test scaled-train scaled-test hybrid; do qf-export --to npz < $$table.qf > $$table.npz; done
	@export PATH="$(abspath $(BUILD))/bin:$$PATH"; status=0; \
	echo "Shortest of $(ROUNDS), in turn; the peer's call alone against qf's whole process:"; \
	for threads in $$(printf '%s\n' 1 $$(nproc) | uniq); do \
	  OMP_NUM_THREADS=$$threads TARGET='$(TARGET)' \
	    $(PEER_PYTHON) tests/peers/compare.py $(PEERS) $$threads $(ROUNDS) '$(ONLY)' || status=1; \
	done; echo "Kept in $(PEERS)/peers-*.csv"; exit $$status
