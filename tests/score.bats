# qf-score: numbers that a hand can check, what is undefined, what its names and violations are, and every refusal.
bats_require_minimum_version 1.5.0
load helper

# A tree whose four leaves hold 0, 1, 3 and 4 frauds of 4 rows: it gives a = 1, 2, 3, 4 the probabilities
# 0, 1/4, 3/4 and 1.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    printf '%s\n' a,y 1,0 1,0 1,0 1,0 2,1 2,0 2,0 2,0 3,1 3,1 3,1 3,0 4,1 4,1 4,1 4,1 | qf-import |
        qf-train-classic --model tree --set alpha=0 --seed 9 > model.qf
    scores a,y 4,1 3,1 3,0 2,1 2,0 1,0 1,0 1,0 > scores.qf
}

setup() {
    setup_directory
    cp "$BATS_FILE_TMPDIR"/*.qf .
}

# Scores of the rows of a CSV, given line by line.
scores() {
    printf '%s\n' "$@" | qf-import | qf-predict --model model.qf
}

# expect_fields FILE NAME=VALUE...: what a metrics stream has, numbers to 1e-12.
expect_fields() {
    qf-view --show records "$1" | python3 -c '
import json, sys
record = json.loads(sys.stdin.read())
wrong = 0
for argument in sys.argv[1:]:
    name, value = argument.split("=", 1)
    expected, got = json.loads(value), record[name]
    number = isinstance(got, (int, float)) and isinstance(expected, (int, float))
    if not (abs(got - expected) <= 1e-12 if number else got == expected):
        print(f"{name}: expected {expected}, got {got}")
        wrong += 1
sys.exit(wrong > 0)' "${@:2}"
}

@test "metrics at the model's threshold, by hand" {
    qf-score scores.qf > m.qf
    qf-view --check m.qf
    # Called fraud: the rows of 3/4 and 1. Brier: (4 * 1/16 + 2 * 9/16 - 2/16) / 8.
    expect_fields m.qf tn=4 fp=1 fn=1 tp=2 n_test=8 threshold=0.5 prevalence_test=0.375 accuracy=0.75 \
        precision=0.66666666666666667 recall=0.66666666666666667 f1=0.66666666666666667 f2=0.66666666666666667 \
        precision_weighted=0.75 recall_weighted=0.75 f1_weighted=0.75 \
        mcc=0.46666666666666667 balanced_accuracy=0.73333333333333333
    # PR-AUC: (1 + 2/3 + 3/5) / 3. ROC-AUC: (3/2 + 5/2 + 9) / 15. Log loss: (2 ln 4/3 + 2 ln 4) / 8.
    # Half a row of 0.05 * 8 is looked into, one of the frauds' three: 0.4 / 3.
    expect_fields m.qf pr_auc=0.75555555555555556 roc_auc=0.86666666666666667 brier=0.15625 \
        log_loss=0.41849410839291804 ece=0.125 recall_at_alert=0.13333333333333333 alert_rate=0.05 \
        pr_recall='[0.3333333333333333,0.6666666666666666,1]' pr_precision='[1,0.6666666666666666,0.6]' \
        calibration_mean='[0,0.25,0.75,1]' calibration_rate='[0,0.5,0.5,1]' calibration_rows='[3,2,2,1]'
}

@test "another threshold and alert rate, by hand" {
    qf-score --threshold 0.2 --alert-rate 0.25 < scores.qf > m.qf
    expect_fields m.qf tn=3 fp=2 fn=0 tp=3 threshold=0.2 precision=0.6 recall=1 f1=0.75 f2=0.88235294117647059 \
        mcc=0.6 balanced_accuracy=0.8 precision_weighted=0.85 f1_weighted=0.75 pr_auc=0.75555555555555556 \
        recall_at_alert=0.5 alert_rate=0.25
    # Greater than, not at least: no row is.
    qf-score --threshold 1 scores.qf > m.qf
    expect_fields m.qf tp=0 fp=0 tn=5 fn=3 precision=0 recall=0 f1=0 mcc=0 accuracy=0.625 roc_auc=0.86666666666666667
}

@test "with one class, what is not defined is empty" {
    scores a,y 4,0 1,0 2,0 > legitimate.qf
    qf-score legitimate.qf > m.qf
    expect_fields m.qf precision=null recall=null f1=null f2=null mcc=null balanced_accuracy=null pr_auc=null \
        roc_auc=null recall_at_alert=null accuracy=0.66666666666666667 fp=1 tn=2 prevalence_test=0 pr_recall='[]'
    scores a,y 4,1 > fraud.qf
    qf-score fraud.qf > m.qf
    expect_fields m.qf roc_auc=null mcc=null balanced_accuracy=null pr_auc=1 recall=1 tp=1 n_test=1 brier=0
}

@test "model, seed, variant, protocol and labels" {
    qf-score scores.qf > m.qf
    expect_fields m.qf model='"tree"' seed=9 variant='""' protocol='""' n_train=16
    qf-score --variant smote --protocol 'a "b"' --label seed=-3 --label model=other --label bank='=1+1' \
        --label fold=2 scores.qf > m.qf
    expect_fields m.qf model='"other"' seed=-3 variant='"smote"' protocol='"a \"b\""' bank='"=1+1"' fold=2
}

@test "several streams are as many records" {
    scores a,y 4,1 1,0 > other.qf
    cat scores.qf other.qf scores.qf | qf-score > m.qf
    qf-view --check m.qf
    [ "$(qf-view --show records m.qf | grep -o '"n_test":[0-9]*' | tr '\n' ' ')" = '"n_test":8 "n_test":2 "n_test":8 ' ]
}

@test "violations that provenance proves, none where there are none" {
    qf-score scores.qf > m.qf
    expect_fields m.qf violations='"different-data;not-audited"'
    qf-synth --rows 300 --columns 5 --seed 2 | qf-audit --fix --quiet > clean.qf
    qf-train-classic --model dummy clean.qf > all.qf
    qf-predict --model all.qf clean.qf | qf-score > m.qf
    run qf-view --show records m.qf
    [[ "$output" == *'"violations":"no-split;trained-on-test-rows:'* ]]
    qf-split --test 0.3 clean.qf | qf-train-classic --model dummy > part.qf
    qf-split --test 0.3 --emit test clean.qf | qf-predict --model part.qf | qf-score > m.qf
    expect_fields m.qf violations='""'
}

@test "the same bytes again" {
    qf-score scores.qf > a.qf
    qf-score scores.qf > b.qf
    cmp a.qf b.qf
}

@test "usage" {
    expect_error 64 'qf-score: error: --threshold: expected 0 to 1, got 2' qf-score --threshold 2 scores.qf
    expect_error 64 'qf-score: error: --threshold: expected a number, got "nan"' qf-score --threshold nan scores.qf
    expect_error 64 'qf-score: error: --threshold: expected a number, got ""' qf-score --threshold '' scores.qf
    run -64 qf-score --alert-rate 0 scores.qf
    run -64 qf-score --alert-rate 1.5 scores.qf
    expect_error 64 'qf-score: error: --label: expected NAME=VALUE, got "x"' qf-score --label x scores.qf
    expect_error 64 'qf-score: error: --label: expected NAME=VALUE, got "=x"' qf-score --label =x scores.qf
    for name in accuracy violations data_digest test_rows n_train; do
        expect_error 64 "qf-score: error: --label: \"$name\" is computed and cannot be set" \
            qf-score --label $name=1 scores.qf
    done
    expect_error 64 'qf-score: error: --label: the name is too long' \
        qf-score --label "$(printf 'x%.0s' {1..64})=1" scores.qf
    expect_error 64 'qf-score: error: unexpected operand "b"; see qf-score --help' qf-score scores.qf b
}

@test "missing input, wrong type, a cut stream, a full disk" {
    expect_error 66 'qf-score: error: none.qf: No such file or directory' qf-score none.qf
    expect_error 74 'qf-score: error: .: Is a directory' qf-score .
    : > empty.qf
    expect_error 65 'qf-score: error: empty.qf: empty, expected a scores stream' qf-score empty.qf
    expect_error 65 'qf-score: error: model.qf: expected a scores stream, got a model stream' qf-score model.qf
    for bytes in 1 40 300; do
        cat scores.qf <(head -c -$bytes scores.qf) > cut.qf
        run -65 bash -c 'qf-score cut.qf 2> line > out'
        [ "$(grep -c '^qf-score: error: cut.qf: ' line)" -eq 1 ]
        [ "$(wc -l < line)" -eq 1 ]
        run -65 qf-view --check out
    done
    cat scores.qf model.qf > mixed.qf
    run -65 qf-score mixed.qf
    expect_error 74 'qf-score: error: standard output: No space left on device' bash -c 'qf-score scores.qf > /dev/full'
}

@test "a reader that stops reading" {
    for i in $(seq 200); do cat scores.qf; done > many.qf
    [ "$(qf-score many.qf | wc -c)" -gt 200000 ] # more than a pipe holds
    run bash -c 'qf-score many.qf 2> line | head -c 10 > /dev/null; exit ${PIPESTATUS[0]}'
    # Killed by SIGPIPE, or an error where that signal is ignored.
    [ "$status" -eq 141 ] || { [ "$status" -eq 74 ] && grep -q 'standard output: Broken pipe' line; }
    [ "$(wc -l < line)" -le 1 ]
}
