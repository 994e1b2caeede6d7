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

@test "what cannot be" {
    run qf-train-qnn --epochs none train.qf
    [ "$status" -eq 64 ]
    [[ "$output" == "qf-train-qnn: error: --epochs: epochs=none: expected an integer from 1 to 1000000" ]]
    expect_error 64 'qf-train-qnn: error: there is no circuit "nix"' qf-train-qnn --circuit nix train.qf
    run qf-train-qnn --layers 40 train.qf
    [ "$status" -eq 71 ]
    [[ "$output" == *"40 wires take "*" bytes"* ]]
    run qf-train-qnn --layers 4-x train.qf
    [ "$status" -eq 64 ]
    run bash -c 'qf-train-qnn --epochs 1 train.qf > /dev/full'
    [ "$status" -eq 74 ]
}
