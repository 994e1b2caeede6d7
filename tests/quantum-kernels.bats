# Fidelity kernels: qf-train-classic --model svm --kernel quantum, from training to scores, and make quantum-kernels.
bats_require_minimum_version 1.5.0
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    qf-synth --rows 700 --columns 10 --seed 3 | qf-audit --fix --quiet > all.qf
    qf-split --test 0.3 all.qf | qf-scale --fit log-standard --clip 3 --save scaler.qf | qf-reduce --to 4 --save reducer.qf |
        qf-scale --fit standard --clip 3 --save angles.qf > train.qf
    qf-split --test 0.3 --emit test all.qf | qf-scale --apply scaler.qf | qf-reduce --apply reducer.qf |
        qf-scale --apply angles.qf > test.qf
}

setup() {
    setup_directory
    cp "$BATS_FILE_TMPDIR"/{train,test}.qf .
}

machine() { # OPTION...
    qf-train-classic --model svm --kernel quantum "$@" train.qf
}

metric() { # MODEL NAME
    qf-predict --model "$1" test.qf | qf-score | qf-report --to csv --columns "$2" | tail -1
}

fact() { # MODEL NAME
    qf-view --show records "$1" | sed -n '2s/.*"'"$2"'":\("[^"]*"\|[^,}]*\).*/\1/p'
}

within() { # VALUE LOW HIGH
    awk -v x="$1" -v a="$2" -v b="$3" 'BEGIN { exit !(x != "" && x > a && x < b) }' || { echo "$1"; return 1; }
}

@test "a machine learns by every feature map, and goes through predict and score" {
    for map in "zz --bandwidth 0.1" z rx ry rz "iqp --bandwidth 0.3" amplitude "pauli --paulis Z,XY --bandwidth 0.1"; do
        # shellcheck disable=SC2086
        machine --circuit $map > m.qf
        qf-view --check m.qf
        within "$(metric m.qf pr_auc)" 0.5 1
        [ "$(metric m.qf violations)" = "" ]
        within "$(metric m.qf kernel_alignment)" 0.02 1
    done
    [ "$(fact m.qf wires)" -eq 4 ]
    machine --circuit amplitude > m.qf
    [ "$(fact m.qf wires)" -eq 2 ]
}

@test "a small bandwidth makes rows alike, a large one unlike, and repeated maps concentrate" {
    machine --bandwidth 0.001 > alike.qf
    machine --circuit-layers 1 > once.qf
    machine --circuit-layers 6 > often.qf
    within "$(fact alike.qf kernel_mean)" 0.999 1.0001
    within "$(fact alike.qf kernel_variance)" 0 1e-3
    within "$(fact often.qf kernel_mean)" 0.03 0.2
    within "$(fact often.qf kernel_variance)" 0 "$(fact once.qf kernel_variance)"
}

@test "the same bytes for any number of threads; levels of instructions agree" {
    machine --bandwidth 0.1 --threads 1 > one.qf
    machine --bandwidth 0.1 --threads 3 | cmp one.qf
    qf-predict --model one.qf --threads 1 test.qf > scores.qf
    qf-predict --model one.qf --threads 3 test.qf | cmp scores.qf
    qf-export --to csv < scores.qf | cut -d, -f1 > best.txt
    QF_SIMD=portable qf-predict --model one.qf test.qf | qf-export --to csv | cut -d, -f1 | paste - best.txt |
        awk 'NR > 1 && ($1 - $2) ^ 2 > 1e-16 { bad++ } END { exit bad > 0 || NR < 100 }'
}

@test "a row's score depends on that row alone" {
    machine --bandwidth 0.1 > m.qf
    qf-predict --model m.qf test.qf | qf-export --to csv > all.csv
    qf-split --folds 3 --fold 2 --emit test test.qf | qf-predict --model m.qf | qf-export --to csv | tail -n +2 > some.csv
    [ "$(wc -l < some.csv)" -gt 50 ]
    [ "$(grep -cxFf some.csv all.csv)" -eq "$(wc -l < some.csv)" ]
}

@test "tuning over costs, bandwidths and kernels; class weights, calibration and sweeps" {
    machine --grid C=1,10 --grid bandwidth=0.03,0.3,1 --tune pr_auc --curve c.qf --class-weight balanced \
        --calibrate isotonic --threshold f1 > m.qf
    [[ "$(fact m.qf setting)" == \"C=*bandwidth=* ]]
    qf-view --check c.qf
    within "$(metric m.qf pr_auc)" 0.5 1
    qf-train-classic --model svm --grid kernel=rbf,linear,quantum --tune pr_auc train.qf > m.qf
    [[ "$(fact m.qf setting)" == \"kernel=* ]]
    # All stops of one fit give what a fit to each gives.
    machine --bandwidth 0.1 --grid iterations=10,60 --tune pr_auc --judge test.qf --curve c.qf > m.qf
    for stop in 10 60; do
        machine --bandwidth 0.1 --set iterations=$stop > stopped.qf
        metric stopped.qf pr_auc
    done > apart.txt
    qf-view --show records c.qf | sed 's/.*"validation_mean":\[\([^]]*\)\].*/\1/' | tr , '\n' | paste - apart.txt |
        awk '($1 - $2) ^ 2 > 1e-20 { bad++ } END { exit bad > 0 || NR != 2 }'
}

@test "what it takes is told" {
    run --separate-stderr machine --verbose
    [[ "$stderr" == *"qf-train-classic: states and Gram matrix of the rows: "*" bytes"* ]]
    rows=$(qf-export --to csv < train.qf | tail -n +2 | wc -l)
    panels=$(((rows + 7) / 8))
    [[ "$stderr" == *": $((panels * 8 * 16 * 16 + rows * panels * 8 * 4)) bytes"* ]]
    run --separate-stderr machine
    [ -z "$stderr" ]
}

@test "what does not fit is refused" {
    expect_error 76 "qf-train-classic: error: zz on 5 wires has 5 inputs, and the rows have 4 columns: see qf-reduce" \
        machine --wires 5
    expect_error 76 "qf-train-classic: error: amplitude on 1 wires has 2 inputs, and the rows have 4 columns: see qf-reduce" \
        machine --circuit amplitude --wires 1
    expect_error 64 'qf-train-classic: error: there is no feature map "long"' machine --circuit long
    expect_error 64 "qf-train-classic: error: paulis are of circuit pauli, not of zz" machine --paulis XX
    expect_error 64 "qf-train-classic: error: --bandwidth: bandwidth=0: expected a number from 1e-12 to 1000000000000" \
        machine --bandwidth 0
    expect_error 64 "qf-train-classic: error: --circuit needs --kernel quantum" \
        qf-train-classic --model svm --circuit iqp train.qf
    expect_error 64 'qf-train-classic: error: --kernel: tree has no parameter "kernel": expected alpha, depth, min_split or min_leaf' \
        qf-train-classic --model tree --kernel quantum train.qf
    qf-synth --rows 50 --columns 60 --seed 1 | qf-audit --drop-identifiers --quiet > wide.qf
    expect_error 76 "qf-train-classic: error: 60 columns take 60 wires, and a circuit has 40 at most: see qf-reduce" \
        qf-train-classic --model svm --kernel quantum wide.qf
    qf-reduce --to 38 wide.qf > wide-38.qf
    run qf-train-classic --model svm --kernel quantum wide-38.qf
    [ "$status" -eq 71 ]
    [[ "$output" == "qf-train-classic: error: states of 50 rows on 38 wires take 246290604633024 bytes with their Gram matrix, and "*" is the limit" ]]
    # A row of zeros has no amplitudes.
    printf 'a,b,y\n1,2,0\n0,0,1\n3,1,0\n2,2,1\n' | qf-import > zero.qf
    run qf-train-classic --model svm --kernel quantum --circuit amplitude zero.qf
    [ "$status" -eq 65 ]
    [[ "$output" == *"all amplitudes are zero" ]]
}

@test "a stored model that names no circuit that fits is bad data" {
    machine > m.qf
    sed 's/circuit\xa2zz/circuit\xa2zq/' m.qf > other.qf
    run ! cmp -s m.qf other.qf
    run qf-predict --model other.qf test.qf
    [ "$status" -eq 65 ]
}

@test "quantum-kernels: every map beside a radial kernel on the same rows, with the figure" {
    qf-synth --rows 500 --columns 9 --seed 5 | qf-export --to csv > data.csv
    run make --no-print-directory -C "$QF_ROOT" BUILD="$BUILD" quantum-kernels DATA="$PWD/data.csv" OUT="$PWD/out" \
        SEEDS=1 WIRES="2 3" SAMPLE=150
    [ "$status" -eq 0 ] || { tail -n 20 <<< "$output"; return 1; }
    [[ "$output" == *"Report: $PWD/out/kernels.html"* ]]
    [ "$(tail -n +2 out/kernels.csv | cut -d, -f1 | sort | uniq -c | xargs)" = \
        "2 angle 2 angle-as-is 2 iqp 2 iqp-as-is 2 rbf 2 zz 2 zz-as-is" ]
    [ "$(tail -n +2 out/kernels.csv | cut -d, -f2 | sort | uniq -c | xargs)" = "7 2 7 3" ]
    # Nothing is proven against any of them, each had a sample, and only quantum kernels say what they are like.
    [ "$(tail -n +2 out/kernels.csv | awk -F, '$NF != "" || $(NF - 2) > 151' | wc -l)" -eq 0 ]
    [ "$(qf-report --to csv --columns model,kernel_variance < out/kernels.qf | grep -c ',$')" -eq 2 ]
    grep -q 'Kernels by wires' out/kernels.md
    grep -q '<title>Variance of the kernel (log10)</title>' out/kernels.html
    [ "$(qf-report --to csv --columns first,second < out/kernels.comparisons.qf | tail -n +2 | sort | xargs)" = \
        "rbf-2,angle-2 rbf-2,iqp-2 rbf-2,zz-2 rbf-3,angle-3 rbf-3,iqp-3 rbf-3,zz-3" ]
}

@test "make quantum-kernels: variables that make no sense" {
    experiment() { run make --no-print-directory -C "$QF_ROOT" BUILD="$BUILD" quantum-kernels OUT="$PWD/out" "$@"; [ "$status" -eq 2 ]; }
    experiment SAMPLE="100 200"
    [[ "$output" == *"SAMPLE=100 200: expected a whole number above 0"* ]]
    experiment WIRES="2 2"
    [[ "$output" == *"WIRES=2 2: a word stands twice"* ]]
    experiment WIRES=0
    [[ "$output" == *"WIRES=0: expected whole numbers above 0"* ]]
}
