# qf-aggregate: sums of contributions and means of models, the same bytes; and what does not go together.
bats_require_minimum_version 1.5.0
load helper

# A committee of three and two outsiders in the roster; three parties' models of each kind, made once.
setup_file() {
    cd "$BATS_FILE_TMPDIR"
    for p in 1 2 3 4 5; do qf-keygen identity --state p$p --party $p; done > roster.qf
    for p in 1 2 3; do
        qf-keygen offer --state p$p --roster roster.qf --parties 3 --threshold 2 --contributors 2
    done > offers
    for p in 1 2 3; do qf-keygen accept --state p$p < offers; done
    qf-keygen public < offers > public.qf
    qf-synth --rows 600 --columns 12 | qf-audit --fix --quiet > clean.tab
    qf-split --test 0.3 clean.tab | qf-scale --fit log-standard --save scaler.qf > train.tab
    qf-split --test 0.3 --emit test clean.tab | qf-scale --apply scaler.qf > test.tab
    for p in 1 2 3; do
        qf-split --clients 3 --client $p train.tab > rows.tab
        qf-train-qnn --layers 4 --circuit long --epochs 1 --seed $p < rows.tab > qnn$p.model # the paper's small hybrid
        qf-train-classic --model mlp --set layers=60-80-70 --set epochs=1 --seed $p < rows.tab > mlp$p.model
        qf-train-classic --model logistic < rows.tab > logistic$p.model
    done
    for p in 1 2 3; do qf-encrypt --key public.qf --state p$p --weight $((p + 2)) qnn$p.model > c$p.qf; done
}

setup() {
    setup_directory
    cp -a "$BATS_FILE_TMPDIR"/. .
}

# open_sum CONTRIBUTIONS SUM: the committee's answers and what they open.
open_sum() {
    for p in 1 3; do qf-decrypt --state p$p --set 1,3 "$1"; done > answers
    qf-combine --ciphertext "$2" answers
}

# What a stream says, its provenance apart: header and records.
content_of() {
    qf-view "$1" | grep -E '^(type|schema|parameters):'
    qf-view --show records "$1"
}

# sum_of FILE...: of contributions or models.
sum_of() {
    cat "$@" | qf-aggregate > out
}

@test "encrypted and plain, the same model to the last byte, for every kind" {
    for kind in qnn mlp logistic; do
        for p in 1 2 3; do
            qf-encrypt --key public.qf --state p$p --weight $((p + 2)) --round 4 --disclose $kind$p.model
        done > contributions
        qf-aggregate --round 4 --roster roster.qf contributions > sum.qf
        open_sum contributions sum.qf > opened.model
        cat ${kind}[123].model | qf-aggregate --weights 3,4,5 --round 4 > plain.model
        content_of opened.model > opened
        content_of plain.model | cmp - opened
        # And it predicts alike.
        qf-predict --model opened.model test.tab | qf-export --to csv > opened.csv
        qf-predict --model plain.model test.tab | qf-export --to csv | cmp - opened.csv
    done
}

@test "the mean is the weighted mean of the models, to the grid" {
    cat qnn[123].model | qf-aggregate --weights 3,4,5 > mean.model
    for name in weights_0 biases_0 weights_1 biases_2; do
        for m in qnn1 qnn2 qnn3 mean; do
            qf-view --show records $m.model | sed -n "s/.*\"array\":\"$name\".*\"data\":\[\(.*\)\]}/\1/p" | tr , '\n' > $m.numbers
            [ -s $m.numbers ]
        done
        paste qnn1.numbers qnn2.numbers qnn3.numbers mean.numbers |
            awk '{ d = (3 * $1 + 4 * $2 + 5 * $3) / 12 - $4; if (d > 2^-15 || -d > 2^-15) exit 1; if (d != 0) any = 1 } END { exit !any }'
    done
    # One array is of angles: they are in, as are biases.
    [ "$(qf-view --show records mean.model | sed -n 's/.*"array":"weights_1".*"shape":\[\([0-9]*\).*/\1/p')" -eq 33 ]
    # Weights of 1 unless given.
    cat qnn[12].model | qf-aggregate --weights 1,1 > one.model
    cat qnn[12].model | qf-aggregate > two.model
    content_of one.model > one
    content_of two.model | cmp - one
}

@test "whatever order contributions come in, the sum is the same" {
    cat c1.qf c2.qf c3.qf | qf-aggregate > forth.qf
    cat c3.qf c1.qf c2.qf | qf-aggregate > back.qf
    content_of forth.qf > forth
    content_of back.qf | cmp - forth
    qf-view --show records forth.qf | grep -q '"parties":\[1,2,3\],"weights":\[3,4,5\]'
}

@test "rounds go on from the mean; what it has seen is known where it is disclosed" {
    for p in 1 2 3; do qf-encrypt --key public.qf --state p$p --disclose qnn$p.model; done > contributions
    qf-aggregate contributions > sum.qf
    open_sum contributions sum.qf > global.model
    for p in 1 2 3; do
        qf-split --clients 3 --client $p train.tab |
            qf-train-qnn --layers 4 --circuit long --epochs 1 --seed $p --init global.model > next$p.model
        qf-encrypt --key public.qf --state p$p --round 2 --disclose next$p.model
    done > contributions
    qf-aggregate --round 2 contributions > sum.qf
    open_sum contributions sum.qf > global.model
    qf-predict --model global.model test.tab | qf-score > fair.metrics
    qf-view --show records fair.metrics | grep -q '"violations":""'
    seen=$(qf-view --show records train.tab | sed -n 's/.*"@row":\([0-9]*\).*/\1/p' | sort -un | wc -l)
    qf-view --show records fair.metrics | grep -q "\"n_train_original\":$seen"
    # Rows of the training part are known.
    qf-predict --model global.model train.tab | qf-score > unfair.metrics
    qf-view --show records unfair.metrics | grep -q "trained-on-test-rows:$seen"
}

@test "of hidden models nothing is claimed" {
    cat c[123].qf > contributions
    qf-aggregate contributions > sum.qf
    open_sum contributions sum.qf > global.model
    qf-predict --model global.model test.tab | qf-score > metrics.qf
    qf-view --show records metrics.qf | grep -q '"violations":"unknown-origin"'
    qf-view --show records metrics.qf | grep -q '"n_train_original":null'
    qf-view global.model > header
    run ! grep -E 'qf-(train|split)' header
}

@test "a contribution with a bit flipped anywhere" {
    size=$(stat -c %s c2.qf)
    # In the header, the records, the ciphertext, the digest that is signed, the signature.
    for at in 300 900 $((size / 3)) $((size / 2)) $((size - 400)) $((size - 250)); do
        cp c2.qf bad.qf
        flip bad.qf $at
        run sum_of c1.qf bad.qf
        # Where the field itself shows it, before the end is reached: 76.
        [ "$status" -eq 65 ] || [ $at -lt 1000 -a "$status" -eq 76 ] || { echo "$at: $status $output"; return 1; }
        [[ "${#lines[@]}" -eq 1 && "$output" == "qf-aggregate: error: "* ]]
        run ! qf-view --check out
        # As an attacker would who mends the stream's digest: the digest or the signature of what it says is wrong, unless it
        # was the provenance, which is nobody's word.
        mend bad.qf
        run bash -c 'cat c1.qf bad.qf | qf-aggregate --roster roster.qf > out'
        case $status in
        65 | 76 | 77) ;;
        0) cat c1.qf c2.qf | qf-aggregate > honest && content_of out > a && content_of honest | cmp - a ;;
        *) echo "$at mended: $status $output"; return 1 ;;
        esac
    done
}

@test "a weight, a round or a sender that was changed on the way" {
    change() { # FIELD: its value in c2.qf, mended
        cp c2.qf bad.qf
        at=$(($(grep -obaF "$(printf "\\x$(printf %x $((160 + ${#1})))")$1" bad.qf | head -1 | cut -d: -f1) + 1 + ${#1}))
        flip bad.qf $at
        mend bad.qf
    }
    change weight
    expect_error 65 "qf-aggregate: error: contribution of party 2: ciphertext 1 is not as the terms have it" sum_of c1.qf bad.qf
    change round
    expect_error 76 "qf-aggregate: error: contribution of party 2: it is of round 0, not 1" sum_of c1.qf bad.qf
    expect_error 65 "qf-aggregate: error: contribution of party 2: the digest is not that of the contribution" sum_of bad.qf c1.qf
    change party
    expect_error 65 "qf-aggregate: error: contribution of party 3: the digest is not that of the contribution" sum_of c1.qf bad.qf
}

@test "signatures: by the roster, or refused" {
    error="qf-aggregate: error:"
    check() { cat "$@" | qf-aggregate --roster roster.qf > out; }
    check c1.qf c2.qf
    qf-encrypt --key public.qf --party 2 qnn2.model > unsigned.qf
    expect_error 77 "$error contribution of party 2: the contribution is not signed" check c1.qf unsigned.qf
    sum_of c1.qf unsigned.qf
    # Someone who signs for party 2, and who is in no roster.
    qf-keygen identity --state forger --party 2 > forger.id
    qf-encrypt --key public.qf --state forger qnn2.model > forged.qf
    run check c1.qf forged.qf
    [ "$status" -eq 77 ] && [[ "$output" == "$error contribution of party 2: "* ]]
    qf-keygen identity --state p9 --party 9 > p9.id
    qf-encrypt --key public.qf --state p9 qnn2.model > stranger.qf
    expect_error 76 "$error contribution of party 9: party 9 is not in the roster" check c1.qf stranger.qf
    # A roster of other people than the key's.
    cat roster.qf p9.id > larger.qf
    expect_error 76 "$error contribution of party 1: the roster is not that of the key's terms" \
        bash -c 'cat c1.qf c2.qf | qf-aggregate --roster larger.qf > out'
}

@test "a party that comes twice, and one that sends another's ciphertexts" {
    expect_error 76 "qf-aggregate: error: contribution of party 2: party 2 contributes twice" sum_of c1.qf c2.qf c3.qf c2.qf
    qf-encrypt --key public.qf --state p2 --weight 2 qnn1.model > again.qf
    expect_error 76 "qf-aggregate: error: contribution of party 2: party 2 contributes twice" sum_of c1.qf c2.qf again.qf
}

@test "contributions that do not go together, by the name of the party" {
    error="qf-aggregate: error: contribution of party"
    qf-encrypt --key public.qf --state p2 --round 2 qnn2.model > bad.qf
    expect_error 76 "$error 2: it is of round 2, not 1" sum_of c1.qf bad.qf
    expect_error 76 "$error 2: it is of round 2, not 1" bash -c 'qf-aggregate --round 1 bad.qf > out'
    mkdir other
    (cd other && make_committee 3 2)
    qf-encrypt --key other/public.qf --state p2 qnn2.model > bad.qf
    expect_error 76 "$error 2: it is under another key" sum_of c1.qf bad.qf
    qf-keygen offer --state p1 --roster roster.qf --parties 3 --threshold 2 --generation 2 --parameters paper > large
    for p in 2 3; do qf-keygen offer --state p$p --roster roster.qf --parties 3 --threshold 2 --generation 2 --parameters paper; done >> large
    qf-keygen public < large > large.qf
    qf-encrypt --key large.qf --state p2 qnn2.model > bad.qf
    run sum_of c1.qf bad.qf
    [ "$status" -eq 76 ] && [[ "$output" == "$error 2: degree 8192 "* ]]
    qf-split --clients 3 --client 2 train.tab > rows.tab
    qf-train-qnn --layers 8-4 --circuit long --epochs 1 < rows.tab > deep.model
    qf-encrypt --key public.qf --state p2 deep.model > bad.qf
    expect_error 76 "$error 2: it has layers=8-4, not 4" sum_of c1.qf bad.qf
    qf-train-qnn --layers 4 --circuit long --epochs 2 < rows.tab > long.model
    qf-encrypt --key public.qf --state p2 long.model > bad.qf
    expect_error 76 "$error 2: it has epochs=2, not 1" sum_of c1.qf bad.qf
    qf-encrypt --key public.qf --state p2 mlp2.model > bad.qf
    expect_error 76 "$error 2: it is of kind mlp, not qnn" sum_of c1.qf bad.qf
    qf-reduce --to 4 --save reducer.qf < rows.tab | qf-train-qnn --layers 4 --circuit long --epochs 1 > narrow.model
    qf-encrypt --key public.qf --state p2 narrow.model > bad.qf
    run sum_of c1.qf bad.qf
    [ "$status" -eq 76 ] && [[ "$output" =~ "$error 2: it has 4 columns, not "[0-9]+$ ]]
    qf-encrypt --key public.qf --state p2 --disclose qnn2.model > bad.qf
    expect_error 76 "$error 2: its rows are disclosed, those of others are not" sum_of c1.qf bad.qf
    expect_error 76 "$error 1: its rows are hidden, those of others are not" sum_of bad.qf c1.qf
}

@test "frozen arrays must be the same; circuits drawn by different seeds have no sum" {
    qf-split --clients 3 --client 2 train.tab > rows.tab
    for seed in 1 2; do
        qf-train-qnn --layers 4 --circuit long --epochs 1 --set quantum=frozen --seed $seed < rows.tab > frozen$seed.model
        qf-encrypt --key public.qf --state p$seed frozen$seed.model > f$seed.qf
    done
    expect_error 76 'qf-aggregate: error: contribution of party 2: its array "weights_1", which no fit adjusts, was drawn otherwise' \
        sum_of f1.qf f2.qf
    expect_error 76 'qf-aggregate: error: model 2: its array "weights_1", which no fit adjusts, was drawn otherwise' \
        sum_of frozen1.model frozen2.model
    qf-encrypt --key public.qf --state p2 frozen1.model > f2.qf
    cat f1.qf f2.qf | qf-aggregate > sum.qf
    for seed in 1 2; do
        qf-train-qnn --layers 4 --circuit pauli-two-design --epochs 1 --seed $seed < rows.tab > drawn$seed.model
        qf-encrypt --key public.qf --state p$seed drawn$seed.model > f$seed.qf
    done
    expect_error 76 "qf-aggregate: error: contribution of party 2: its circuit was drawn by another seed, 2" sum_of f1.qf f2.qf
}

@test "more contributors or weight than the terms allow" {
    mkdir small && cd small
    make_committee 3 2 --contributors 2 --most-contributors 2 --most-weight 10
    for p in 1 2 3; do qf-encrypt --key public.qf --state p$p --weight $((p + 3)) ../qnn$p.model > c$p.qf; done
    expect_error 76 "qf-aggregate: error: contribution of party 3: the key's terms allow 2 contributors, not more" \
        bash -c 'cat c?.qf | qf-aggregate > out'
    expect_error 76 "qf-aggregate: error: contribution of party 3: with a weight of 6, the weights add up to more than the key's terms allow, 10" \
        bash -c 'cat c2.qf c3.qf | qf-aggregate > out'
    cat c1.qf c2.qf | qf-aggregate > out
}

@test "models that do not go together, and lists that are not theirs" {
    error="qf-aggregate: error:"
    expect_error 76 "$error model 2: it is of kind mlp, not qnn" sum_of qnn1.model mlp2.model
    expect_error 76 "$error model 3: more models than 2" bash -c 'cat qnn?.model | qf-aggregate --weights 1,2 > out'
    expect_error 76 "$error 2 models, expected 3" bash -c 'cat qnn[12].model | qf-aggregate --weights 1,2,3 > out'
    expect_error 64 "$error 2 --weights, but 3 --parties" bash -c 'cat qnn?.model | qf-aggregate --weights 1,2 --parties 1,2,3 > out'
    expect_error 64 "$error --weights: expected whole numbers from 1, got \"0\"" bash -c 'cat qnn?.model | qf-aggregate --weights 1,0,3 > out'
    expect_error 76 "$error model 2: party 4 contributes twice" bash -c 'cat qnn[12].model | qf-aggregate --parties 4,4 > out'
    expect_error 64 "$error --roster is not for models" bash -c 'qf-aggregate --roster roster.qf qnn1.model > out'
    expect_error 64 "$error --weights is not for contributions" bash -c 'cat c?.qf | qf-aggregate --weights 1,2,3 > out'
    expect_error 65 "$error standard input: expected a contribution stream, got a model stream" sum_of c1.qf qnn1.model
    run bash -c 'cat qnn?.model | qf-aggregate --grid-bits 52 --weights 1000000,1000000,1000000 > out'
    [ "$status" -eq 65 ]
    [[ "$output" == "$error model 1: array \"weights_0\": row 1: value "*"beyond the grid's range of "* ]]
}

@test "truncation at several places, garbage behind, a full disk" {
    size=$(stat -c %s c2.qf)
    for length in 1 200 3000 $((size / 2)) $((size - 500)) $((size - 33)) $((size - 1)); do
        head -c $length c2.qf > cut.qf
        run sum_of c1.qf cut.qf
        [ "$status" -eq 65 ] || { echo "$length: $status $output"; return 1; }
        run ! qf-view --check out
    done
    run bash -c 'echo more | cat c1.qf c2.qf - | qf-aggregate > out'
    [ "$status" -eq 65 ]
    expect_error 74 "qf-aggregate: error: standard output: No space left on device" \
        bash -c 'cat c?.qf | qf-aggregate > /dev/full'
    expect_error 65 "qf-aggregate: error: test.tab: expected a contribution or model stream, got a table stream" qf-aggregate test.tab
}

@test "memory does not grow with the number of contributors" {
    [[ $QF_BUILD != *sanitize* ]] || skip "sanitizers need memory of their own"
    mkdir many && cd many
    make_committee 2 2 --contributors 2 --most-contributors 16 --most-weight 16
    qf-synth --rows 60 --columns 30 | qf-train-classic --model mlp --set layers=300-290 --set epochs=1 > large.model # 25 ciphertexts
    for p in 1 2 3 4 5 6 7 8 9 10 11 12; do qf-encrypt --key public.qf --party $p large.model > c$p.qf; done
    for most in 2 12; do
        for ((p = 1; p <= most; p++)); do cat c$p.qf; done | /usr/bin/time -f %M -o memory qf-aggregate > out
        tail -1 memory
    done > kilobytes
    each=$(($(stat -c %s c1.qf) / 1024))
    [ $each -gt 2000 ]
    # Ten more took less than one of them.
    [ $(($(tail -1 kilobytes) - $(head -1 kilobytes))) -lt $each ]
}
