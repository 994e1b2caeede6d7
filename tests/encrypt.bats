# qf-encrypt: what of a model is public in a contribution, what is not, and what is refused.
bats_require_minimum_version 1.5.0
load helper

# A committee, and models of each kind that can be summed, made once.
setup_file() {
    cd "$BATS_FILE_TMPDIR"
    make_committee 3 2
    qf-synth --rows 500 --columns 6 > made.qf
    qf-audit --fix --quiet < made.qf | qf-scale --fit log-standard --save scaler.qf > data.tab
    qf-split --test 0.3 data.tab > train.tab
    qf-train-qnn --layers 4 --circuit long --epochs 1 < train.tab > qnn.model
    qf-train-classic --model mlp --set layers=60-80-70 --set epochs=1 < train.tab > mlp.model
    qf-train-classic --model logistic --threshold f1 --calibrate platt < train.tab > logistic.model
}

setup() {
    setup_directory
    cp -a "$BATS_FILE_TMPDIR"/. .
}

@test "every trainable array is in, in as many ciphertexts as it takes" {
    for model in qnn mlp logistic; do
        qf-encrypt --key public.qf --party 1 $model.model > c.qf
        qf-view --check c.qf
        # Names and numbers of values are the model's own.
        qf-view --show records $model.model | grep -oE '"array":"(weights|biases|coeff|inter)[a-z_0-9]*"' |
            cut -d'"' -f4 | paste -sd, > expected
        qf-view --show records c.qf | sed -nE '2s/.*"names":\[([^]]*)\].*/\1/p' | tr -d '"' | cmp - expected
    done
    qf-encrypt --key public.qf --party 1 mlp.model > c.qf
    values=$(($(qf-view --show records mlp.model | grep -oE '"array":"(weights|biases).*"shape":\[[0-9]+' | grep -oE '[0-9]+$' | paste -sd+)))
    [ "$values" -gt 8192 ]
    [ "$(qf-view --show records c.qf | grep -o '"count":[0-9]*' | cut -d: -f2 | paste -sd' ')" = "4096 4096 $((values - 8192))" ]
    # A fresh encryption each time: nothing of one tells of the next.
    qf-encrypt --key public.qf --party 1 mlp.model > d.qf
    run ! cmp -s c.qf d.qf
}

@test "nothing in the clear says what the party trained on" {
    qf-encrypt --key public.qf --state p2 logistic.model > c.qf
    qf-view c.qf > header
    grep -q 'qf-encrypt' header
    run ! grep -E 'qf-(train|split|scale|audit|synth)' header
    digest=$(qf-view logistic.model | sed -n 's/^sha256: //p')
    origin=$(qf-view logistic.model | sed -n 's/^origin: //p')
    [ ${#digest} -eq 64 ] && [ ${#origin} -eq 64 ]
    for name in "$digest" "$origin"; do
        run ! grep -q "$name" header
        [ "$(xxd -p -c 10000000 c.qf | grep -c "$name" || true)" -eq 0 ]
    done
    qf-view --show records c.qf > records
    run ! grep -E 'trained_rows|calibration|n_train|threshold_by|"data":\[[0-9-]+\.' records
    # None of the model's numbers, as they stand in its own stream.
    qf-view --show records c.qf | grep -vc '"array":"body"' > others
    [ "$(cat others)" -eq 4 ]
}

@test "--disclose publishes rows and runs, for experiments" {
    qf-encrypt --key public.qf --party 1 --disclose logistic.model > c.qf
    qf-view c.qf | grep -q qf-train-classic
    qf-view --show records c.qf | grep '"array":"trained_rows"' > rows
    qf-view --show records logistic.model | grep '"array":"trained_rows"' | cmp - rows
    digest=$(qf-view logistic.model | sed -n 's/^sha256: //p')
    [ "$(xxd -p -c 10000000 c.qf | grep -c "$digest" || true)" -eq 0 ]
}

@test "arrays that no fit adjusts are in the clear, and others are not" {
    qf-train-qnn --layers 4 --circuit long --epochs 1 --set quantum=frozen < train.tab > frozen.model
    qf-encrypt --key public.qf --party 1 frozen.model > c.qf
    qf-view --show records c.qf | grep '"array":"weights_1"' > frozen
    qf-view --show records frozen.model | grep '"array":"weights_1"' | cmp - frozen
    [ "$(qf-view --show records c.qf | grep -c '"array":"\(weights\|biases\)')" -eq 1 ]
}

@test "a number beyond the grid's range is an error that names its array" {
    qf-synth --rows 300 --columns 6 | qf-train-classic --model logistic --set C=1e9 > wild.model
    mkdir fine && cd fine
    make_committee 2 2 --contributors 2 --grid-bits 22
    run bash -c 'qf-encrypt --key public.qf --party 1 ../wild.model > out'
    [ "$status" -eq 65 ]
    [[ "$output" =~ ^"qf-encrypt: error: array \"intercept\": value 1 is "-?[0-9.e+]+", beyond the grid's range of "[0-9.]+$ ]]
    [ ! -s out ]
}

@test "what it cannot sum, and options that do not fit" {
    qf-train-classic --model tree < train.tab > tree.model
    expect_error 76 "qf-encrypt: error: a tree has no trainable arrays" \
        bash -c 'qf-encrypt --key public.qf --party 1 tree.model > out'
    [ ! -s out ]
    expect_error 64 "qf-encrypt: error: --key is missing" qf-encrypt --party 1 qnn.model
    expect_error 64 "qf-encrypt: error: give --state or --party" qf-encrypt --key public.qf qnn.model
    expect_error 64 "qf-encrypt: error: give --state or --party" qf-encrypt --key public.qf --state p1 --party 1 qnn.model
    expect_error 66 "qf-encrypt: error: p9: No such file or directory" qf-encrypt --key public.qf --state p9 qnn.model
    expect_error 65 "qf-encrypt: error: qnn.model: expected a public-key stream, got a model stream" \
        qf-encrypt --key qnn.model --party 1 qnn.model
    expect_error 76 "qf-encrypt: error: a weight of 31, the key's terms allow 30 in all" \
        bash -c 'qf-encrypt --key public.qf --party 1 --weight 31 qnn.model > out'
    head -c -40 qnn.model > cut.model
    run bash -c 'qf-encrypt --key public.qf --party 1 cut.model > out'
    [ "$status" -eq 65 ] && [[ "$output" == "qf-encrypt: error: cut.model: "* ]] && [ ! -s out ]
    expect_error 74 "qf-encrypt: error: standard output: No space left on device" \
        bash -c 'qf-encrypt --key public.qf --party 1 mlp.model > /dev/full'
}

@test "a state directory that others may read signs nothing" {
    chmod 755 p1
    expect_error 77 "qf-encrypt: error: p1: others may read or write it (chmod go-rwx)" \
        bash -c 'qf-encrypt --key public.qf --state p1 qnn.model > out'
    [ ! -s out ]
}

@test "a public key with a flipped bit, or one that hides nothing, is refused" {
    size=$(stat -c %s public.qf)
    for at in 2000 $((size / 2)) $((size - 500)); do
        cp public.qf bad.qf
        flip bad.qf "$at"
        run bash -c 'qf-encrypt --key bad.qf --party 1 qnn.model > out'
        [ "$status" -eq 65 ] && [ ! -s out ]
    done
}
