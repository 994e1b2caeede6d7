# qf-train-qnn: learns, the same bytes for any number of threads, engines that agree, twins, clear errors.
bats_require_minimum_version 1.5.0
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    qf-synth --rows 1500 --columns 12 --seed 3 | qf-audit --fix --quiet > all.qf
    qf-split --test 0.3 all.qf | qf-scale --fit log-standard --clip 3 --save scaler.qf > train.qf
    qf-split --test 0.3 --emit test all.qf | qf-scale --apply scaler.qf > test.qf
}

setup() {
    setup_directory
    cp "$BATS_FILE_TMPDIR"/{train,test}.qf .
}

metric() { # MODEL NAME
    qf-predict --model "$1" test.qf | qf-score | qf-report --to csv --columns "$2" | tail -1
}

fact() { # MODEL NAME
    qf-view --show records "$1" | sed -n 's/.*"'"$2"'":\(\[[^]]*\]\|[^,}]*\).*/\1/p' | head -1
}

@test "a hybrid net learns, and its model goes through predict, score and report" {
    qf-train-qnn --layers 4 --circuit long --epochs 8 --schedule cosine --seed 7 train.qf > m.qf
    qf-view --check m.qf
    [ "$(metric m.qf model)" = qnn ]
    [ "$(metric m.qf violations)" = "" ]
    awk -v a="$(metric m.qf pr_auc)" 'BEGIN { exit !(a > 0.7) }'
    [ "$(fact m.qf epoch_loss | tr ',' '\n' | wc -l)" -eq 8 ]
    awk -v l="$(fact m.qf epoch_loss | tr -d '[]')" 'BEGIN { split(l, e, ","); exit !(e[8] < e[1]) }'
}

@test "the same bytes for any number of threads, others for another seed" {
    qf-train-qnn --epochs 2 --threads 1 train.qf > one.qf
    qf-train-qnn --epochs 2 --threads 3 train.qf | cmp one.qf
    qf-train-qnn --epochs 2 --seed 2 train.qf > two.qf
    run ! cmp -s one.qf two.qf
}

@test "the engines train the same net" {
    for engine in feature statevector; do
        qf-train-qnn --epochs 2 --engine $engine train.qf > $engine.qf
        qf-predict --model $engine.qf test.qf | qf-export --to csv | cut -d, -f1 | tail -n +2 > $engine.txt
    done
    paste feature.txt statevector.txt | awk '{ d = $1 - $2; if (d * d > 1e-16) bad++ } END { exit bad > 0 }'
    qf-train-qnn --epochs 2 --precision single train.qf > single.qf
    awk -v a="$(metric single.qf roc_auc)" -v b="$(metric feature.qf roc_auc)" 'BEGIN { exit !((a - b) ^ 2 < 1e-6) }'
}

@test "twins train, and tell how many parameters can make a difference" {
    columns=$(qf-export train.qf | head -1 | tr -cd , | wc -c)
    before=$((4 * (columns + 1)))
    declare -A expected=([full]=$((before + 28 + 8)) [none]=$((before + 10)) [frozen]=$((before + 8))
        [only]=28 [cosine]=$((before + 10)) [dense]=$((before + 15 + 12 + 8)))
    for twin in full none dense cosine product frozen only; do
        qf-train-qnn --epochs 1 --quantum $twin train.qf > $twin.qf
        [ -n "$(metric $twin.qf accuracy)" ]
        live=$(fact $twin.qf live_parameters)
        [ "$live" -eq "${expected[$twin]:-$live}" ] || { echo "$twin: $live"; return 1; }
    done
    # Without gates of several wires the fourth wire, which is not measured, has no say.
    [ "$(fact product.qf live_parameters)" -lt "$(fact full.qf live_parameters)" ]
}

@test "validation rows judge, patience ends with the best weights" {
    qf-train-qnn --epochs 40 --rate 0.05 --validation 0.25 --patience 3 train.qf > m.qf
    losses=$(fact m.qf validation_loss | tr -d '[]')
    awk -v l="$losses" 'BEGIN { n = split(l, e, ","); best = 1; for (i = 2; i <= n; i++) if (e[i] < e[best]) best = i
        exit !(n == 40 || n == best + 3) }'
    expect_error 64 "qf-train-qnn: error: patience needs validation rows: set validation" \
        qf-train-qnn --patience 3 train.qf
}

@test "rates are chosen as for any model" {
    qf-train-qnn --epochs 2 --grid rate=0.0001,0.02 --tune pr_auc --cv 2 train.qf > m.qf
    [ "$(fact m.qf setting)" = '"rate=0.02"' ]
}

@test "rate and schedule are tuned, for a twin with the same budget" {
    for twin in full dense; do
        qf-train-qnn --epochs 2 --quantum $twin --grid rate=0.0001,0.02 --grid schedule=constant,cosine --tune pr_auc \
            --cv 2 train.qf > $twin.qf
        qf-view --show records $twin.qf | grep -qE '"setting":"rate=0.02,schedule=(constant|cosine)"'
        [ "$(fact $twin.qf tuned_points)" -eq 4 ]
    done
    expect_error 64 "qf-train-qnn: error: --grid: --set sets rate, too" qf-train-qnn --rate 1 --grid rate=0.1,0.2 train.qf
}

@test "a training begins where another one ended, and has seen what that has" {
    qf-train-qnn --epochs 3 --seed 7 train.qf > first.qf
    qf-train-qnn --epochs 1 --rate 1e-12 --seed 8 --init first.qf train.qf > second.qf
    cmp <(qf-predict --model first.qf test.qf | qf-export | cut -c1-8) \
        <(qf-predict --model second.qf test.qf | qf-export | cut -c1-8)
    qf-view second.qf | grep -q -- '--init=first.qf'
    [ "$(qf-view second.qf | grep -c 'qf-train-qnn')" -eq 2 ]
    # Trained on test rows alone, but begun by training rows: these count.
    qf-train-qnn --epochs 1 --init first.qf test.qf > third.qf
    [[ "$(qf-predict --model third.qf train.qf | qf-score | qf-report --to csv --columns violations | tail -1)" == \
        *trained-on-test-rows:* ]]
    expect_error 76 "qf-train-qnn: error: the model to start from: it has circuit=long, not short" \
        qf-train-qnn --circuit short --init first.qf train.qf
    expect_error 76 "qf-train-qnn: error: the model to start from: it has layers=4, not 5" \
        qf-train-qnn --layers 5 --init first.qf train.qf
    expect_error 65 "qf-train-qnn: error: train.qf: expected a model stream, got a table stream" \
        qf-train-qnn --init train.qf train.qf
    run --separate-stderr qf-train-qnn --epochs 1 --init first.qf --threshold f1 train.qf
    [ "$status" -eq 0 ]
    [[ "$stderr" == "qf-train-qnn: warning: "*" rows are among those that --init was fitted to: folds judge by them" ]]
}

# Interrupts a training as soon as its checkpoint is there.
interrupt() { # ARGUMENT...
    qf-train-qnn "$@" --checkpoint kept.qf --checkpoint-every 0 train.qf > cut.qf &
    local process=$!
    until [ -e kept.qf ]; do kill -0 $process; done
    kill -9 $process
    wait $process || [ $? -eq 137 ]
    run ! qf-view --check cut.qf
    qf-view --check kept.qf
}

@test "a training that was killed goes on, to the same bytes" {
    long=(--epochs 1500 --validation 0.2 --schedule cosine)
    qf-train-qnn "${long[@]}" train.qf > whole.qf
    interrupt "${long[@]}"
    cp kept.qf copy.qf
    run --separate-stderr qf-train-qnn "${long[@]}" --checkpoint kept.qf --threads 1 -v train.qf
    [[ "$stderr" == *"goes on from kept.qf"* ]]
    cp copy.qf kept.qf
    qf-train-qnn "${long[@]}" --checkpoint kept.qf --threads 2 train.qf | cmp whole.qf
    # A training that is done needs no checkpoint.
    [ ! -e kept.qf ]
}

@test "so does one by shots" {
    shots=(--epochs 6 --shots 20)
    qf-train-qnn "${shots[@]}" train.qf > whole.qf
    interrupt "${shots[@]}"
    qf-train-qnn "${shots[@]}" --checkpoint kept.qf train.qf | cmp whole.qf
}

@test "a checkpoint of another training is refused, and stays" {
    interrupt --epochs 3000
    cp kept.qf copy.qf
    another="qf-train-qnn: error: kept.qf: the checkpoint of another training: its"
    expect_error 76 "$another argument 1 is --epochs=3000, not --epochs=2" \
        qf-train-qnn --epochs 2 --checkpoint kept.qf train.qf
    expect_error 76 "$another argument 2 is train.qf, not --rate=0.5" \
        qf-train-qnn --epochs 3000 --rate 0.5 --checkpoint kept.qf train.qf
    expect_error 76 "$another seed is 1, not 2" qf-train-qnn --epochs 3000 --seed 2 --checkpoint kept.qf train.qf
    mkdir other
    cp test.qf other/train.qf
    expect_error 76 "$another table (input 1) is another one" \
        qf-train-qnn --epochs 3000 --checkpoint kept.qf other/train.qf
    QF_SIMD=portable run qf-train-qnn --epochs 3000 --checkpoint kept.qf train.qf
    [ "$status" -eq 76 ] || [ "$(qf-view kept.qf | grep -c '"simd":"portable"')" -eq 1 ]
    cmp kept.qf copy.qf
    head -c 2000 copy.qf > kept.qf
    expect_error 65 "qf-train-qnn: error: kept.qf: byte 2000: the stream is cut off inside a record" \
        qf-train-qnn --epochs 3000 --checkpoint kept.qf train.qf
    expect_error 73 "qf-train-qnn: error: nowhere/kept.qf: No such file or directory" \
        qf-train-qnn --epochs 3 --checkpoint nowhere/kept.qf --checkpoint-every 0 train.qf
}

@test "long trainings tell how long they take yet" {
    command -v script > /dev/null || skip "script(1) is needed to make a terminal"
    run script -qec "timeout 2.5 qf-train-qnn --epochs 100000 train.qf > model.qf" /dev/null
    [[ "$output" =~ qf-train-qnn:\ training:\ batches\ [0-9]+\ of\ [0-9]+00000,\ [0-9]+\ (s|min|h\ [0-9]+\ min)\ left ]]
}

@test "a circuit of a file: the model keeps it, whichever form it came in, and so do its twins" {
    qf-circuit export --circuit strong --wires 3 > mine.qasm
    qf-circuit import mine.qasm > mine.qf
    qf-train-qnn --layers 3 --circuit-file mine.qasm --epochs 2 train.qf > a.qf
    qf-train-qnn --layers 3 --circuit-file mine.qf --epochs 2 --threads 3 train.qf > b.qf
    qf-train-qnn --layers 3 --circuit strong --epochs 2 train.qf > built-in.qf
    qf-train-qnn --layers 3 --set program="$(cat mine.qasm)" --epochs 2 train.qf > set.qf
    for twin in dense product frozen only; do
        qf-train-qnn --layers 3 --circuit-file mine.qf --epochs 1 --quantum $twin train.qf > $twin.qf
        [ -n "$(metric $twin.qf accuracy)" ]
        [ "$(metric $twin.qf violations)" = "" ]
    done
    rm mine.qasm mine.qf
    for model in built-in a b set; do
        [ "$(metric $model.qf violations)" = "" ]
        qf-predict --model $model.qf test.qf | qf-export --to csv > $model.csv
        cmp $model.csv built-in.csv
    done
    qf-circuit --stats product.qf | grep -qx 'entangling 0'
    qf-circuit --stats frozen.qf | grep -qx 'entangling 3'
    # What is read beside the rows is no origin of theirs, and no part of the rows.
    qf-view b.qf | grep -q '^input: circuit '
    [ "$(qf-view a.qf | grep '^origin')" = "$(qf-view built-in.qf | grep '^origin')" ]
}

@test "a circuit of a file: other measurements, expressions, errors" {
    cat > mine.qasm <<'END'
include "stdgates.inc";
input float a; input float b; input float w;
qubit[2] q; ry(2*a) q[0]; rx(a*b) q[1];
crx(w**2/3) q[0], q[1]; rz(sin(w)) q[0];
END
    qf-train-qnn --layers 5-2 --circuit-file mine.qasm --inputs '[ab]' --measure pauli:XZ,YY --epochs 2 train.qf > m.qf
    [ -n "$(metric m.qf accuracy)" ]
    qf-circuit draw m.qf | tail -2 | tr '\n' ' ' > line
    [ "$(cat line)" = '<XZ> <YY> ' ]
    expect_error 64 'qf-train-qnn: error: mine.qasm: no input of the circuit matches "z*"' \
        qf-train-qnn --circuit-file mine.qasm --inputs 'z*' train.qf
    expect_error 64 'qf-train-qnn: error: the circuit takes 2 inputs, the layer before it gives 4' \
        qf-train-qnn --circuit-file mine.qasm --inputs '[ab]' train.qf
    expect_error 64 'qf-train-qnn: error: --circuit does not go with --circuit-file' \
        qf-train-qnn --circuit long --circuit-file mine.qasm train.qf
    expect_error 64 'qf-train-qnn: error: --inputs goes with --circuit-file' qf-train-qnn --inputs 'x*' train.qf
    expect_error 66 'qf-train-qnn: error: none.qasm: No such file or directory' \
        qf-train-qnn --circuit-file none.qasm train.qf
    sed -i 's/^crx/ctrl @ rx/' mine.qasm
    expect_error 65 'qf-train-qnn: error: mine.qasm: line 4, column 1: "ctrl": a gate modifier is not supported' \
        qf-train-qnn --circuit-file mine.qasm train.qf
    expect_error 65 'qf-train-qnn: error: program: line 1, column 1: there is no gate or statement "nix"' \
        qf-train-qnn --set program=nix train.qf
}

@test "what cannot be" {
    run qf-train-qnn --epochs none train.qf
    [ "$status" -eq 64 ]
    [[ "$output" == "qf-train-qnn: error: --epochs: epochs=none: expected an integer from 1 to 1000000" ]]
    expect_error 64 'qf-train-qnn: error: there is no circuit "nix"' qf-train-qnn --circuit nix train.qf
    expect_error 64 'qf-train-qnn: error: --checkpoint: expected the name of a file, got "-"' qf-train-qnn --checkpoint - train.qf
    run qf-train-qnn --layers 40 train.qf
    [ "$status" -eq 71 ]
    [[ "$output" == *"40 wires take "*" bytes"* ]]
    run qf-train-qnn --layers 4-x train.qf
    [ "$status" -eq 64 ]
    run bash -c 'qf-train-qnn --epochs 1 train.qf > /dev/full'
    [ "$status" -eq 74 ]
}
