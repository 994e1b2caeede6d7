# qf-synth: seeded data with the traits of the real file.
bats_require_minimum_version 1.5.0
load helper

setup() {
    setup_directory
}

@test "the default: shape, share of fraud, order" {
    qf-synth > synth.qf
    qf-view --check synth.qf
    qf-export synth.qf > synth.csv
    [ "$(head -1 synth.csv | tr , '\n' | wc -l)" -eq 114 ]
    [ "$(head -1 synth.csv | cut -d, -f1,2,113,114)" = index,col_0,col_111,fraud ]
    [ "$(tail -n +2 synth.csv | cut -d, -f114 | uniq -c | tr -s ' \n' ' ')" = ' 5444 1 15024 0 ' ]
    [ "$(tail -n +2 synth.csv | cut -d, -f1 | sha256sum)" = "$(seq 0 20467 | sha256sum)" ]
}

@test "the same bytes for a seed and any number of threads" {
    qf-synth --rows 9000 --columns 20 --seed 7 --threads 1 > a.qf
    qf-synth --rows 9000 --columns 20 --seed 7 --threads 2 > b.qf
    qf-synth --rows 9000 --columns 20 --seed 8 > c.qf
    cmp a.qf b.qf
    if cmp -s <(qf-export a.qf) <(qf-export c.qf); then false; fi
}

@test "different data has a different origin" {
    origin() { qf-synth --rows 50 --columns 3 "$@" | qf-view | grep '^origin'; }
    [ "$(origin)" = "$(origin --seed 1 --noise 1.0)" ]
    [ "$(origin)" != "$(origin --seed 2)" ]
    [ "$(origin)" != "$(origin --noise 2)" ]
    [ "$(origin)" != "$(origin --fraud 0.3)" ]
}

@test "from tiny to wide" {
    for shape in '10 3' '50 8' '50 3000' '3000 3'; do
        set -- $shape
        qf-synth --rows $1 --columns $2 | qf-export > synth.csv
        [ "$(wc -l < synth.csv)" -eq $(($1 + 1)) ]
    done
    [ "$(qf-synth --rows 1000 --columns 5 --fraud 0.001 | qf-export | grep -c ',1$')" -ge 1 ]
}

@test "the committed sample is what its command makes" {
    cmp <(qf-synth --rows 200 --columns 12 --seed 1 | qf-export --to csv) "$QF_ROOT/data/sample.csv"
}

@test "failures" {
    expect_error 64 'qf-synth: error: --fraud: expected a share between 0 and 1, got 1' \
        qf-synth --fraud 1
    expect_error 64 'qf-synth: error: --rows: expected 10 to 100000000, got 9' qf-synth --rows 9
    expect_error 64 'qf-synth: error: --columns: expected 3 to 65535, got 2' qf-synth --columns 2
    expect_error 64 'qf-synth: error: --noise: expected 0 to 100, got -1' qf-synth --noise=-1
    expect_error 74 'qf-synth: error: standard output: No space left on device' \
        bash -c 'qf-synth > /dev/full'
}
