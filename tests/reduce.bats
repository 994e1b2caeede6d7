# qf-reduce: fitted once, applied anywhere; what it knew beforehand is a violation.
load helper

setup() {
    setup_directory
    qf-synth --rows 600 --columns 12 --seed 3 | qf-audit --fix --quiet > all.qf
    qf-split --test 0.25 all.qf > train.qf
    qf-split --test 0.25 --emit test all.qf > test.qf
}

@test "what --apply makes of the fitted rows is what --to made" {
    for by in pca anova mutual-information forest; do
        qf-reduce --to 3 --by $by --save r.qf train.qf > fitted.qf
        qf-reduce --apply r.qf train.qf > applied.qf
        cmp <(qf-view --show records fitted.qf) <(qf-view --show records applied.qf)
        qf-reduce --apply r.qf test.qf > small.qf
        [ "$(qf-export small.qf | head -1 | tr -cd , | wc -c)" -eq 3 ]
        cmp <(qf-view --show records small.qf | grep -o '"@row.*') <(qf-view --show records test.qf | grep -o '"@row.*')
    done
}

@test "the same bytes for any number of threads" {
    for by in pca forest; do
        qf-reduce --to 3 --by $by --threads 1 train.qf | cmp - <(qf-reduce --to 3 --by $by --threads 3 train.qf)
    done
}

@test "a reducer fitted in the training part is no violation, any other one is" {
    violations() { # TRAIN TEST
        qf-train-classic --model dummy "$1" > m.qf
        qf-predict --model m.qf "$2" | qf-score | qf-view --show records | sed 's/.*"violations":"\([^"]*\)".*/\1/'
    }
    qf-reduce --to 3 --save r.qf train.qf > small-train.qf
    qf-reduce --apply r.qf test.qf > small-test.qf
    [ "$(violations small-train.qf small-test.qf)" = "" ]
    qf-reduce --to 3 test.qf > small-test.qf
    [ "$(violations small-train.qf small-test.qf)" = "reduced-on-test" ]
    qf-reduce --to 3 all.qf > small.qf
    qf-split --test 0.25 small.qf > small-train.qf
    qf-split --test 0.25 --emit test small.qf > small-test.qf
    [ "$(violations small-train.qf small-test.qf)" = "reduced-before-split" ]
}

@test "errors, and no reducer after one" {
    expect_error 64 "qf-reduce: error: give either --to or --apply" qf-reduce all.qf
    expect_error 64 "qf-reduce: error: --save needs --to" qf-reduce --apply r.qf --save s.qf all.qf
    expect_error 64 "qf-reduce: error: --by needs --to" qf-reduce --apply r.qf --by anova all.qf
    run qf-reduce --to 500 --save r.qf all.qf
    [ "$status" -eq 64 ]
    [[ "$output" == *" columns cannot be reduced to 500" ]]
    run bash -c 'qf-reduce --to 3 --save r.qf all.qf > /dev/full'
    [ "$status" -eq 74 ]
    [ ! -e r.qf ]
    qf-reduce --to 3 --save r.qf all.qf > small.qf
    run qf-reduce --apply r.qf small.qf
    [ "$status" -eq 76 ]
    run qf-reduce --apply all.qf all.qf
    [ "$status" -eq 65 ]
    head -c -1 r.qf > cut.qf
    run bash -c 'qf-reduce --apply cut.qf all.qf > out.qf'
    [ "$status" -eq 65 ]
    run ! qf-view --check out.qf
}
