# qf-train-classic: models from the registry, parameters, the same bytes for the same work.
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    qf-synth --rows 600 --columns 6 --seed 3 | qf-audit --fix --quiet > t.qf
}

setup() {
    setup_directory
    cp "$BATS_FILE_TMPDIR"/t.qf .
}

# What the fit found: the model's second record.
facts() {
    qf-view --show records "$1" | sed -n 2p
}

@test "every model of the list is fitted, stored and read back" {
    qf-train-classic --list | sed -n 's/^\([a-z0-9-]*\): .*/\1/p' > models
    grep -qx dummy models && grep -qx tree models && grep -qx forest models
    while read -r model; do
        qf-train-classic --model "$model" t.qf > m.qf
        qf-view --check m.qf
        qf-predict --model m.qf t.qf | qf-view --check
    done < models
}

@test "same seed same bytes, for any number of threads and SIMD level; another seed another forest" {
    for model in tree forest; do
        set=$([ $model = forest ] && echo trees=30 || echo alpha=auto)
        qf-train-classic --model $model --set $set --seed 7 --threads 1 t.qf > a.qf
        qf-train-classic --model $model --set $set --seed 7 --threads 2 t.qf | cmp - a.qf
        qf-view --show records a.qf > a.txt
        QF_SIMD=portable qf-train-classic --model $model --set $set --seed 7 t.qf | qf-view --show records | cmp - a.txt
    done
    if qf-train-classic --model forest --set trees=30 --seed 8 t.qf | qf-view --show records | cmp -s - a.txt; then false; fi
}

@test "parameters have an effect" {
    qf-train-classic --model forest --set trees=7 t.qf > m.qf
    [[ $(facts m.qf) == *'"trees":7,'* ]]
    qf-train-classic --model tree --set alpha=0 --set depth=2 t.qf > m.qf
    [[ $(facts m.qf) == *'"alpha":0,"leaves":4,"depth":2'* ]]
    qf-train-classic --model tree --set alpha=1 t.qf > m.qf
    [[ $(facts m.qf) == *'"leaves":1,"depth":0'* ]]
    qf-train-classic --model dummy --set strategy=prior t.qf > m.qf
    [ "$(qf-predict --model m.qf t.qf | qf-view --show records | sed 's/,"@row.*//' | sort -u | wc -l)" -le 2 ]
}

@test "the unpruned tree knows its rows by heart, the pruned one is smaller" {
    qf-train-classic --model tree --set alpha=0 t.qf > full.qf
    qf-train-classic --model tree t.qf > pruned.qf
    leaves() { facts "$1" | sed 's/.*"leaves":\([0-9]*\).*/\1/'; }
    [ "$(leaves pruned.qf)" -lt "$(leaves full.qf)" ]
    [ "$(leaves pruned.qf)" -gt 1 ]
    qf-predict --model full.qf t.qf | qf-score | qf-view --show records | grep -q '"accuracy":1,'
}

@test "the list shows one model, or all" {
    run qf-train-classic --list --model dummy
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "dummy: a baseline that knows the share of fraud alone" ]
    [ "${lines[1]}" = "  strategy=most-frequent" ]
    [ "${#lines[@]}" -eq 3 ]
    run bash -c 'qf-train-classic --list > /dev/full'
    [ "$status" -eq 74 ]
}

@test "usage errors name what is allowed" {
    expect_error 64 "qf-train-classic: error: --model is missing: --list shows what there is" qf-train-classic t.qf
    run qf-train-classic --model oak t.qf
    [ "$status" -eq 64 ]
    [[ $output == 'qf-train-classic: error: --model: no model "oak": expected dummy, tree'* ]]
    expect_error 64 'qf-train-classic: error: --set: dummy has no parameter "tree": expected strategy' \
        qf-train-classic --model dummy --set tree=1 t.qf
    expect_error 64 'qf-train-classic: error: --set: alpha=2: expected a number from 0 to 1, or auto' \
        qf-train-classic --model tree --set alpha=2 t.qf
    expect_error 64 'qf-train-classic: error: --set: trees=many: expected an integer from 1 to 100000' \
        qf-train-classic --model forest --set trees=many t.qf
    expect_error 64 'qf-train-classic: error: --set: "trees": expected NAME=VALUE' \
        qf-train-classic --model forest --set trees t.qf
}

@test "one class is bad data, for every model" {
    printf 'a,y\n1,0\n2,0\n3,0\n' | qf-import > one.qf
    for model in dummy tree forest; do
        expect_error 65 "qf-train-classic: error: 0 rows with label 1, at least 1 needed" \
            qf-train-classic --model $model one.qf
    done
}

@test "two rows are enough, and equal rows of both classes are no trouble" {
    printf 'a,y\n1,0\n2,1\n' | qf-import > two.qf
    printf 'a,b,y\n1,3,0\n1,3,1\n1,3,1\n' | qf-import > equal.qf
    for model in dummy tree forest; do
        for table in two equal; do
            qf-train-classic --model $model $table.qf > m.qf
            qf-predict --model m.qf $table.qf | qf-view --check
        done
    done
}

@test "bad input, a full disk, and no valid stream after a failure" {
    run bash -c 'qf-train-classic --model dummy t.qf > /dev/full'
    [ "$status" -eq 74 ]
    for cut in 0 10 200 3000; do
        head -c -$((cut + 1)) t.qf > cut.qf
        run qf-train-classic --model dummy cut.qf
        [ "$status" -eq 65 ]
        run bash -c 'qf-train-classic --model dummy cut.qf 2> /dev/null | qf-view --check'
        [ "$status" -eq 65 ]
    done
    qf-train-classic --model dummy t.qf > m.qf
    run qf-train-classic --model dummy m.qf
    [ "$status" -eq 65 ]
}
