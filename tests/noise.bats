# Noise and finite shots: qf-predict and qf-train-qnn with them, what is recorded, the same bytes, clear errors, make noise.
bats_require_minimum_version 1.5.0
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    qf-synth --rows 700 --columns 8 --seed 3 | qf-audit --fix --quiet > all.qf
    qf-split --test 0.3 all.qf | qf-scale --fit log-standard --clip 3 --save scaler.qf > train.qf
    qf-split --test 0.3 --emit test all.qf | qf-scale --apply scaler.qf > test.qf
    qf-train-qnn --epochs 8 --schedule cosine --seed 7 train.qf > model.qf
}

setup() {
    setup_directory
    cp "$BATS_FILE_TMPDIR"/{train,test,model}.qf .
}

probabilities() { # QF-PREDICT OPTIONS
    qf-predict "$@" | qf-export --to csv | cut -d, -f1 | tail -n +2
}

metric() { # NAME QF-PREDICT OPTIONS
    local name=$1
    shift
    qf-predict "$@" test.qf | qf-score | qf-report --to csv --columns "$name" | tail -1
}

@test "noise moves probabilities, none of it leaves them, and the end is not the gates" {
    probabilities --model model.qf test.qf > plain.txt
    probabilities --model model.qf --noise none test.qf | cmp plain.txt
    probabilities --model model.qf --noise bit-flip:0,readout:0 test.qf | cmp plain.txt
    probabilities --model model.qf --noise depolarising:0.05 test.qf > gates.txt
    probabilities --model model.qf --noise depolarising:0.05 --noise-at end test.qf > end.txt
    run ! cmp -s plain.txt gates.txt
    run ! cmp -s gates.txt end.txt
    # Completely depolarised wires say the same of every row.
    probabilities --model model.qf --noise depolarising:0.75 test.qf |
        awk 'NR == 1 { p = $1 } { d = $1 - p; if (d * d > 1e-24) bad++ } END { exit bad > 0 }'
}

@test "the engines agree under noise" {
    for engine in feature density; do
        qf-train-qnn --engine $engine --noise amplitude-damping:0.05,readout:0.01/0.03 --epochs 1 train.qf > $engine.qf
        probabilities --model $engine.qf test.qf > $engine.txt
    done
    paste feature.txt density.txt | awk '{ d = $1 - $2; if (d * d > 1e-16) bad++ } END { exit bad > 0 || NR < 100 }'
}

@test "shots: by seed, the same for any threads and company, nearer with more of them" {
    probabilities --model model.qf test.qf > exact.txt
    probabilities --model model.qf --shots 64 --seed 5 --threads 1 test.qf > a.txt
    probabilities --model model.qf --shots 64 --seed 5 --threads 3 test.qf | cmp a.txt
    run ! cmp -s a.txt <(probabilities --model model.qf --shots 64 --seed 6 test.qf)
    qf-split --test 0.5 --emit test --seed 1 test.qf > part.qf
    probabilities --model model.qf --shots 64 --seed 5 part.qf > part.txt
    [ "$(grep -cxFf a.txt part.txt)" -eq "$(wc -l < part.txt)" ]
    far() { paste exact.txt "$1" | awk '{ d += ($1 - $2) ^ 2 } END { print d }'; }
    probabilities --model model.qf --shots 100000 --seed 5 test.qf > many.txt
    awk -v few="$(far a.txt)" -v many="$(far many.txt)" 'BEGIN { exit !(many > 0 && many < few / 100) }'
}

@test "what was asked for is in the scores and in the model" {
    qf-predict --model model.qf --noise phase-flip:0.1 --shots 32 --seed 4 test.qf > s.qf
    qf-view s.qf > view.txt
    grep -q 'phase-flip:0.1' view.txt
    qf-view --show header s.qf | tr -d ' ' | grep -q '"shots":32'
    qf-train-qnn --epochs 1 --noise readout:0.1 --noise-at end train.qf > m.qf
    qf-view --show records m.qf | grep -q '"noise":"readout:0.1","noise_at":"end"'
    # The model predicts as it was trained unless told.
    qf-predict --model m.qf test.qf | qf-view --show header | tr -d ' ' | grep -q '"noise":"readout:0.1"'
    run ! cmp -s <(probabilities --model m.qf test.qf) <(probabilities --model m.qf --noise none test.qf)
}

@test "training with noise learns; the same bytes for any number of threads" {
    qf-train-qnn --epochs 8 --schedule cosine --noise phase-damping:0.2,readout:0.05 --threads 1 train.qf > a.qf
    qf-train-qnn --epochs 8 --schedule cosine --noise phase-damping:0.2,readout:0.05 --threads 3 train.qf | cmp a.qf
    awk -v a="$(metric pr_auc --model a.qf)" 'BEGIN { exit !(a > 0.6) }'
}

@test "training with shots: by parameter shift, seeded, taken up again as it would have gone on" {
    local how=(--epochs 40 --shots 128 --seed 2)
    qf-train-qnn "${how[@]}" --threads 1 train.qf > a.qf
    qf-train-qnn "${how[@]}" --checkpoint kept.qf --checkpoint-every 0 train.qf > cut.qf &
    local process=$!
    until [ -e kept.qf ]; do kill -0 $process; done
    kill -9 $process
    wait $process || [ $? -eq 137 ]
    qf-train-qnn "${how[@]}" --checkpoint kept.qf --threads 2 train.qf | cmp a.qf
    awk -v a="$(metric pr_auc --model a.qf --shots 0)" 'BEGIN { exit !(a > 0.5) }'
    # As many weights are live as without shots: 28 of the circuit.
    [ "$(qf-view --show records a.qf | sed -n 's/.*"live_parameters":\([0-9]*\).*/\1/p' | head -1)" -eq \
      "$(qf-view --show records model.qf | sed -n 's/.*"live_parameters":\([0-9]*\).*/\1/p' | head -1)" ]
}

@test "many wires: trajectories predict, and are not trained" {
    qf-train-qnn --layers 9 --circuit short --epochs 1 --batch 100 train.qf > nine.qf
    qf-split --test 0.1 --emit test --seed 1 test.qf > few.qf
    probabilities --model nine.qf --noise amplitude-damping:0.02 --shots 20 --threads 1 few.qf > a.txt
    probabilities --model nine.qf --noise amplitude-damping:0.02 --shots 20 --threads 3 few.qf | cmp a.txt
    [ "$(sort -u a.txt | wc -l)" -gt 5 ]
    expect_error 64 "qf-train-qnn: error: circuits of more than 8 wires cannot be trained with noise or shots" \
        qf-train-qnn --layers 9 --circuit short --noise bit-flip:0.1 train.qf
}

@test "what has no chances has no shots" {
    printf 'include "stdgates.inc";\ninput float x0;\ninput float w;\nqubit q;\nrx(log(w - 100)*x0) q;\n' > log.qasm
    run qf-train-qnn --layers 1 --circuit-file log.qasm --shots 10 --epochs 1 --batch 500 train.qf
    [ "$status" -eq 65 ]
    [[ "$output" == "qf-train-qnn: error: row "*": an angle is not a finite number" ]]
}

@test "what cannot be" {
    qf-train-classic --model dummy train.qf > dummy.qf
    expect_error 76 "qf-predict: error: noise and shots are for quantum networks: the model is of kind dummy" \
        qf-predict --model dummy.qf --shots 10 test.qf
    qf-train-qnn --epochs 1 --quantum none train.qf > none.qf
    expect_error 76 'qf-predict: error: noise and shots need a circuit: the model is the twin "none"' \
        qf-predict --model none.qf --noise bit-flip:0.1 test.qf
    expect_error 64 'qf-train-qnn: error: noise and shots need a circuit, and the twin "cosine" has none' \
        qf-train-qnn --quantum cosine --shots 10 train.qf
    expect_error 64 'qf-predict: error: noise: expected a number from 0 to 1, got "2"' \
        qf-predict --model model.qf --noise bit-flip:2 test.qf
    expect_error 64 'qf-predict: error: noise of wire 4: the circuit has 4 wires' \
        qf-predict --model model.qf --noise readout@4:0.1 test.qf
    expect_error 64 'qf-predict: error: noise of wire 39: the circuit has 4 wires' \
        qf-predict --model model.qf --noise readout@39:0.1 test.qf
    expect_error 64 'qf-predict: error: noise_at=middle: expected gates or end' \
        qf-predict --model model.qf --noise-at middle test.qf
    expect_error 64 'qf-predict: error: shots=-1: expected an integer from 0 to 1000000000' \
        qf-predict --model model.qf --shots -1 test.qf
    expect_error 64 'qf-train-qnn: error: noise: expected NAME:STRENGTH, got "snow"' qf-train-qnn --noise snow train.qf
    qf-train-qnn --epochs 1 --engine statevector train.qf > s.qf
    expect_error 76 'qf-predict: error: the engine statevector knows no noise: density and trajectories do' \
        qf-predict --model s.qf --noise bit-flip:0.1 test.qf
    qf-predict --model model.qf test.qf | qf-score > metrics.qf
    expect_error 65 'qf-report: error: metrics under noise lack a label: noise, strength, training' \
        qf-report --noise metrics.qf metrics.qf
}

@test "make noise: curves for every noise, trained without and with it, and for shots" {
    qf-synth --rows 500 --columns 8 --seed 5 | qf-export --to csv > data.csv
    run make --no-print-directory -C "$QF_ROOT" BUILD="$BUILD" noise DATA="$PWD/data.csv" OUT="$PWD/out" SEEDS="1 2" \
        NOISES="bit-flip readout" NOISE_STRENGTHS="0.01 0.5" NOISE_SHOTS="16 4096"
    [ "$status" -eq 0 ] || { tail -n 20 <<< "$output"; return 1; }
    [[ "$output" == *"Noise and shots"* ]]
    [ "$(tail -n +2 out/noise.csv | wc -l)" -eq $((2 * (1 + 2 * 2 * 2 + 2))) ]
    [ "$(tail -n +2 out/noise.csv | cut -d, -f2-4 | sort -u | wc -l)" -eq 11 ]
    # Half of all bits misread say nothing: every row has the same score.
    prevalence=$(grep ',bit-flip,0.5,without,1,' out/noise.csv | cut -d, -f8)
    awk -v auc="$prevalence" 'BEGIN { exit !(auc == 0.5) }'
    [ "$(grep -o '<title>[A-Za-z-]* against [a-z-]*</title>' out/noise.html | sort -u | wc -l)" -eq 6 ]
    grep -q '^| shots' out/noise.md
}

@test "only predictions by chance tell of a seed" {
    qf-predict --model model.qf < test.qf | qf-view | grep -q '^ *qf-predict .* --model=model.qf$'
    qf-predict --model model.qf --shots 10 --seed 3 < test.qf | qf-view | grep -q '^ *qf-predict .*--shots=10 (seed 3)$'
    cmp <(qf-predict --model model.qf --seed 1 test.qf) <(qf-predict --model model.qf --seed 2 test.qf)
}

@test "make noise: variables that make no sense" {
    experiment() { run make --no-print-directory -C "$QF_ROOT" BUILD="$BUILD" noise OUT="$PWD/out" "$@"; [ "$status" -eq 2 ]; }
    # A net that is not there would be another one by this name.
    experiment NOISE_NET=none
    [[ "$output" == *"NOISE_NET=none: expected hybrid-small or hybrid-large"* ]]
    experiment NOISES=snow
    [[ "$output" == *"NOISES=snow: expected some of bit-flip"* ]]
    # Twice the same scores would make intervals of half their width.
    experiment NOISE_STRENGTHS="0.1 0.1"
    [[ "$output" == *"NOISE_STRENGTHS=0.1 0.1: a word stands twice"* ]]
    experiment NOISE_SHOTS=0
    [[ "$output" == *"NOISE_SHOTS=0: expected whole numbers above 0"* ]]
}
