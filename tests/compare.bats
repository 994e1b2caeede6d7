# qf-compare: verdicts over paired splits, families, what does not fit together.
load helper

# Scores of a forest and of a stump on the same splits, and of a forest with another seed.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    qf-synth --rows 2000 --columns 12 --seed 3 | qf-audit --fix --quiet > all.qf
    for seed in 1 2 3 4; do
        qf-split --test 0.25 --seed $seed all.qf > train.qf
        qf-split --test 0.25 --seed $seed --emit test all.qf > test.qf
        qf-train-classic --model forest --set trees=30 --seed $seed train.qf > forest.model.qf
        qf-train-classic --model forest --set trees=30 --seed 1$seed train.qf > again.model.qf
        qf-train-classic --model tree --set alpha=0 --set depth=1 train.qf > stump.model.qf
        for model in forest again stump; do
            qf-predict --model $model.model.qf test.qf >> $model.qf
        done
    done
}

setup() {
    setup_directory
    cp "$BATS_FILE_TMPDIR"/{forest,again,stump}.qf .
}

field() { # FILE NAME
    qf-view --show records "$1" | sed "s/.*\"$2\":\"*\([^\",}]*\).*/\1/"
}

@test "a forest is superior to a stump, a stump inferior to a forest" {
    qf-compare forest.qf stump.qf --require superior > c.qf
    [ "$(field c.qf verdict)" = superior ]
    [ "$(field c.qf splits)" = 4 ]
    awk -v low="$(field c.qf low)" -v d="$(field c.qf difference)" 'BEGIN { exit !(low > 0 && d > low) }'
    run --separate-stderr bash -c 'qf-compare stump.qf forest.qf --require non-inferior > d.qf'
    [ "$status" -eq 1 ] && [ "$stderr" = "" ]
    qf-view --check d.qf
    [ "$(field d.qf verdict)" = inferior ]
    [ "$(field c.qf difference)" = "$(field d.qf difference | sed 's/^-//')" ]
}

@test "of a loss, lower is better" {
    qf-compare --metric brier forest.qf stump.qf > c.qf
    awk -v a="$(field c.qf first_mean)" -v b="$(field c.qf second_mean)" -v d="$(field c.qf difference)" \
        'BEGIN { exit !(a < b && d > 0 && (b - a - d) ^ 2 < 1e-24) }'
}

@test "a model against itself is not inferior, and nothing differs" {
    qf-compare --require non-inferior forest.qf forest.qf > c.qf
    [ "$(field c.qf difference)" = 0 ]
    run qf-compare --require superior forest.qf forest.qf
    [ "$status" -eq 1 ]
}

@test "pair by pair, as one family" {
    qf-compare --pairs --replicates 0 again.qf forest.qf forest.qf stump.qf > pairs.qf
    [ "$(field pairs.qf first)" = $'again\nforest' ]
    [ "$(field pairs.qf second)" = $'forest\nstump' ]
    [ "$(field pairs.qf family)" = $'2\n2' ]
    qf-compare --replicates 0 forest.qf stump.qf > alone.qf
    [ "$(field pairs.qf difference | tail -1)" = "$(field alone.qf difference)" ]
    awk -v pair="$(field pairs.qf p_different | tail -1)" -v alone="$(field alone.qf p_different)" \
        'BEGIN { exit !(pair == 2 * alone) }'
    expect_error 64 'qf-compare: error: --pairs: expected pairs of score files, got 3 files' \
        qf-compare --pairs again.qf forest.qf stump.qf
}

@test "more comparisons in a family, larger p values" {
    qf-compare again.qf forest.qf > one.qf
    qf-compare again.qf forest.qf stump.qf forest.qf > three.qf
    [ "$(field three.qf family)" = $'3\n3\n3' ]
    awk -v one="$(field one.qf p_different)" -v three="$(field three.qf p_different | head -1)" \
        'BEGIN { exit !(three >= one && one > 0) }'
}

@test "several runs of a split are one split, and their spread is shown apart" {
    cat forest.qf again.qf > both.qf
    cat stump.qf stump.qf > stumps.qf
    qf-compare both.qf stumps.qf > c.qf
    [ "$(field c.qf splits)" = 4 ]
    awk -v d="$(field c.qf deviation_initialisations)" 'BEGIN { exit !(d > 0 && d < 0.1) }'
    expect_error 76 "qf-compare: error: both: its run 5 has a test part on which stump has not as many runs: compare models on the same splits" \
        qf-compare both.qf stump.qf
}

@test "the bootstrap is the same for any number of threads, and another for another seed" {
    qf-compare --threads 1 forest.qf stump.qf > one.qf
    qf-compare --threads 3 forest.qf stump.qf > three.qf
    cmp one.qf three.qf
    qf-compare --seed 2 forest.qf stump.qf > other.qf
    [ "$(field one.qf bootstrap_low)" != "$(field other.qf bootstrap_low)" ]
}

@test "two splits have no interval" {
    qf-synth --rows 300 --columns 8 > t.qf
    rm -f two.qf
    for seed in 1 2; do
        qf-split --test 0.5 --seed $seed t.qf | qf-train-classic --model dummy > m.qf
        qf-split --test 0.5 --seed $seed --emit test t.qf | qf-predict --model m.qf >> two.qf
    done
    qf-compare two.qf two.qf > c.qf
    [ "$(field c.qf low)" = null ]
    [ "$(field c.qf verdict)" = undecided ]
}

@test "what cannot be compared" {
    expect_error 64 'qf-compare: error: expected the score files of two models or more' qf-compare forest.qf
    run qf-compare --metric beauty forest.qf stump.qf
    [ "$status" -eq 64 ]
    [[ "$output" == 'qf-compare: error: --metric: no metric "beauty": expected one of accuracy,'* ]]
    qf-split --test 0.5 --emit test "$BATS_FILE_TMPDIR/all.qf" |
        qf-predict --model "$BATS_FILE_TMPDIR/forest.model.qf" > other.qf
    run qf-compare other.qf forest.qf
    [ "$status" -eq 76 ]
    head -c 5000 forest.qf > cut.qf
    run --separate-stderr bash -c 'qf-compare cut.qf stump.qf > out.qf'
    [ "$status" -eq 65 ] && [ ! -s out.qf ]
}
