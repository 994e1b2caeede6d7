# qf-predict: probabilities, what the model has seen, the same in blocks as in one go.
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    qf-synth --rows 600 --columns 6 --seed 3 | qf-audit --fix --quiet > all.qf
    qf-split --test 0.3 --seed 1 all.qf > train.qf
    qf-split --test 0.3 --seed 1 --emit test all.qf > test.qf
    qf-train-classic --model forest --set trees=20 --threads 1 train.qf > model.qf
    # 300 columns: a full block has 873 rows, so that 2,000 rows are several.
    qf-synth --rows 2000 --columns 300 --seed 4 > wide.qf
    qf-train-classic --model forest --set trees=3 --threads 1 wide.qf > wide-model.qf
}

setup() {
    setup_directory
    cp "$BATS_FILE_TMPDIR"/*.qf .
}

@test "a score for every row, in the table's order, none of them seen" {
    qf-predict --model model.qf test.qf > s.qf
    qf-view --check s.qf
    qf-view --show records s.qf > s.txt
    [ "$(wc -l < s.txt)" -gt 100 ]
    cmp <(sed 's/.*\("@row":[0-9]*\).*/\1/' s.txt) \
        <(qf-view --show records test.qf | sed 's/.*\("@row":[0-9]*\).*/\1/')
    [ "$(grep -vc '"seen":0' s.txt)" -eq 0 ]
    accuracy=$(qf-score s.qf | qf-view --show records | sed 's/.*"accuracy":\([0-9.]*\).*/\1/')
    awk -v a="$accuracy" 'BEGIN { exit !(a > 0.75) }'
}

@test "rows of the training part and parents of synthetic rows are marked" {
    qf-predict --model model.qf train.qf | qf-view --show records > s.txt
    [ "$(grep -vc '"seen":1' s.txt)" -eq 0 ]
    printf 'a,y\n1,0\n2,0\n3,0\n4,0\n5,1\n6,1\n' | qf-import > t.qf
    qf-smote --neighbours 1 --seed 1 < t.qf | qf-train-classic --model dummy > m.qf
    qf-predict --model m.qf t.qf | qf-view --show records > s.txt
    [ "$(grep -c '"seen":1' s.txt)" -eq 4 ]
    [ "$(grep -c '"seen":3' s.txt)" -eq 2 ]
}

@test "the same bytes for any number of threads and SIMD level" {
    qf-predict --model wide-model.qf --threads 1 wide.qf > a.qf
    qf-predict --model wide-model.qf --threads 2 < wide.qf > b.qf
    qf-view --show records a.qf > a.txt
    cmp a.txt <(qf-view --show records b.qf)
    cmp a.txt <(QF_SIMD=portable qf-predict --model wide-model.qf wide.qf | qf-view --show records)
    [ "$(wc -l < a.txt)" -eq 2000 ]
}

@test "other columns are refused with exit code 76" {
    printf 'a,y\n1,0\n2,1\n' | qf-import > t.qf
    qf-train-classic --model dummy t.qf > m.qf
    printf 'a,b,y\n1,0,0\n2,1,1\n' | qf-import > t.qf
    expect_error 76 "qf-predict: error: expected 1 feature columns, got 2" \
        qf-predict --model m.qf t.qf
    printf 'b,y\n1,0\n2,1\n' | qf-import > t.qf
    expect_error 76 'qf-predict: error: column 1: expected "a", got "b"' qf-predict --model m.qf t.qf
}

@test "usage, wrong types, missing files" {
    expect_error 64 "qf-predict: error: --model is missing" qf-predict test.qf
    run qf-predict --model test.qf test.qf
    [ "$status" -eq 65 ]
    run qf-predict --model model.qf model.qf
    [ "$status" -eq 65 ]
    run qf-predict --model no-such.qf test.qf
    [ "$status" -eq 66 ]
}

@test "a cut model or table, a full disk, and no valid stream after a failure" {
    run bash -c 'qf-predict --model model.qf test.qf > /dev/full'
    [ "$status" -eq 74 ]
    for cut in 0 10 200 3000; do
        head -c -$((cut + 1)) test.qf > cut.qf
        run qf-predict --model model.qf cut.qf
        [ "$status" -eq 65 ]
        run bash -c 'qf-predict --model model.qf cut.qf 2> /dev/null | qf-view --check'
        [ "$status" -eq 65 ]
        head -c -$((cut + 1)) model.qf > cut-model.qf
        run qf-predict --model cut-model.qf test.qf
        [ "$status" -eq 65 ]
    done
}

@test "an interval over splits, and none over seeds of the training alone" {
    for seed in 1 2 3; do
        qf-train-classic --model forest --set trees=5 --seed $seed train.qf > m.qf
        qf-predict --model m.qf test.qf | qf-score
    done > one-split.metrics
    for seed in 1 2 3; do
        qf-split --test 0.3 --seed $seed all.qf | qf-train-classic --model forest --set trees=5 --seed $seed > m.qf
        qf-split --test 0.3 --seed $seed --emit test all.qf | qf-predict --model m.qf | qf-score
    done > splits.metrics
    [ "$(qf-report one-split.metrics | grep '^forest' | grep -c '±')" -eq 0 ]
    [ "$(qf-report splits.metrics | grep '^forest' | grep -c '±')" -eq 1 ]
}

@test "test rows that were not scaled like the training rows are flagged" {
    qf-scale --fit standard --save s.qf train.qf > scaled.qf
    qf-train-classic --model tree scaled.qf > m.qf
    qf-predict --model m.qf test.qf | qf-score | qf-view --show records | grep -q '"violations":"scaled-unlike-training"'
    qf-scale --apply s.qf test.qf | qf-predict --model m.qf | qf-score | qf-view --show records |
        grep -q '"violations":""'
}
