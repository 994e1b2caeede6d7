# qf-split: parts that are disjoint, complete, balanced and the same for the same seed.
bats_require_minimum_version 1.5.0
load helper

setup() {
    setup_directory
    qf-synth --rows 500 --columns 6 --seed 3 > t.qf
    qf-view --show records t.qf > all.txt
}

records() {
    qf-split "$@" t.qf | qf-view --show records
}

@test "training and test part are the whole, in its order" {
    records --test 0.2 --seed 7 > train.txt
    records --test 0.2 --seed 7 --emit test > test.txt
    sort train.txt test.txt | cmp - <(sort all.txt)
    [ "$(wc -l < test.txt)" -eq 100 ]
    grep -Fxf test.txt all.txt | cmp - test.txt
    [ "$(grep -c '"fraud":1' test.txt)" -eq "$(awk -v n="$(grep -c '"fraud":1' all.txt)" 'BEGIN { print int(0.2 * n + 0.5) }')" ]
}

@test "folds are the whole, each the test part once" {
    for fold in 1 2 3 4 5; do
        records --folds 5 --fold $fold --emit test > fold-$fold.txt
        records --folds 5 --fold $fold > rest-$fold.txt
        sort fold-$fold.txt rest-$fold.txt | cmp - <(sort all.txt)
        [ "$(wc -l < fold-$fold.txt)" -eq 100 ]
    done
    sort fold-?.txt | cmp - <(sort all.txt)
}

@test "every row goes to exactly one client, whatever the division" {
    for by in contiguous iid "label-skew --skew 0.8" "dirichlet --concentration 0.3"; do
        for client in 1 2 3; do
            records --clients 3 --client $client --by $by > client-$client.txt
            [ -s client-$client.txt ]
        done
        sort client-?.txt | cmp - <(sort all.txt)
    done
}

@test "contiguous clients have consecutive slices of each class" {
    records --clients 2 --client 1 | grep '"fraud":1' > first.txt
    grep '"fraud":1' all.txt | head -n "$(wc -l < first.txt)" | cmp - first.txt
}

@test "identical rows are never parted, unless by --group none" {
    # 30 rows, each three times.
    { echo a,b,y; for copy in 1 2 3; do for i in $(seq 30); do echo "$i,0,$((i % 3 == 0))"; done; done; } > t.csv
    qf-import t.csv > t.qf
    features() { records --test 0.2 "$@" | sed 's/,"@row.*//' | sort -u; }
    [ -z "$(comm -12 <(features) <(features --emit test))" ]
    [ -n "$(comm -12 <(features --group none) <(features --emit test --group none))" ]
}

@test "the past trains, the future tests, and a gap belongs to neither" {
    { echo day,b,y; for i in $(seq 60); do echo "$((i * 7 % 60)),$i,$((i % 3 == 0))"; done; } | qf-import > t.qf
    days() { records --test 0.2 --by day "$@" | sed 's/.*"day":\([0-9]*\).*/\1/' | sort -n; }
    [ "$(days --emit test | xargs)" = "$(seq 48 59 | xargs)" ]
    [ "$(days | xargs)" = "$(seq 0 47 | xargs)" ]
    [ "$(days --gap 10 | xargs)" = "$(seq 0 38 | xargs)" ]
    [ "$(days --gap 10 --emit test | xargs)" = "$(seq 48 59 | xargs)" ]
    qf-split --test 0.2 --by day --gap 3 t.qf | qf-train-classic --model dummy > m.qf
    qf-split --test 0.2 --by day --gap 3 --emit test t.qf | qf-predict --model m.qf | qf-score > s.qf
    [[ "$(qf-view --show records s.qf)" == *'"violations":"not-audited"'* ]]
}

@test "an entity stands on one side only" {
    { echo account,b,y; for i in $(seq 90); do echo "$((i * i % 17)),$i,$((i * i % 17 % 3 == 0))"; done; } |
        qf-import > t.qf
    accounts() { records --test 0.3 "$@" | sed 's/.*"account":\([0-9]*\).*/\1/' | sort -u; }
    [ -z "$(comm -12 <(accounts --group account) <(accounts --group account --emit test))" ]
    [ -n "$(comm -12 <(accounts) <(accounts --emit test))" ]
    expect_error 76 "qf-split: error: --group branch: the table has no such column" \
        qf-split --test 0.2 --group branch t.qf
    expect_error 76 "qf-split: error: --by date: the table has no such column" \
        qf-split --test 0.2 --by date t.qf
}

@test "same seed same bytes, other seed other rows" {
    qf-split --test 0.2 --seed 7 t.qf > a.qf
    qf-split --test 0.2 --seed 7 < t.qf > b.qf
    records --test 0.2 --seed 7 > a.txt
    records --test 0.2 --seed 8 > b.txt
    [ "$(qf-view --show records a.qf)" = "$(qf-view --show records b.qf)" ]
    qf-split --test 0.2 --seed 7 t.qf | cmp - a.qf
    run ! cmp -s a.txt b.txt
}

@test "fifty rows work" {
    qf-synth --rows 50 --columns 3 > t.qf
    [ "$(records --test 0.2 --emit test | wc -l)" -eq 10 ]
    [ "$(records --folds 5 --fold 5 --emit test | wc -l)" -eq 10 ]
    [ "$(records --clients 10 --client 10 --by iid | wc -l)" -gt 3 ]
}

@test "a sample has as many rows as asked for, each class its share, and all where there are no more" {
    qf-synth --rows 1000 --columns 5 --seed 3 > t.qf
    share() { qf-export --to csv < "$1" | awk -F, 'NR > 1 { n++; fraud += $NF } END { printf "%d %.3f\n", n, fraud / n }'; }
    qf-split --sample 200 --seed 4 t.qf > a.qf
    qf-split --sample 200 --seed 4 t.qf | cmp a.qf
    qf-split --sample 200 --seed 5 t.qf > b.qf
    run ! cmp -s a.qf b.qf
    read -r rows part < <(share a.qf)
    read -r _ whole < <(share t.qf)
    [ "$rows" -eq 200 ]
    awk -v a="$part" -v b="$whole" 'BEGIN { exit !((a - b) ^ 2 <= 0.0025 ^ 2) }'
    qf-split --sample 1000 t.qf | qf-export --to csv | cmp - <(qf-export --to csv < t.qf)
    # All but one, and as few as there can be.
    for n in 2 3 999; do [ "$(records --sample $n | wc -l)" -eq $n ]; done
    printf 'a,y\n1,0\n2,0\n3,0\n' | qf-import > one.qf
    expect_error 65 "qf-split: error: 0 rows with label 1 are too few for a sample of 2 rows" qf-split --sample 2 one.qf
    expect_error 64 "qf-split: error: --emit needs --test or --folds" qf-split --sample 9 --emit test t.qf
}

@test "too few rows are an error" {
    printf 'a,y\n1,0\n2,0\n3,0\n4,1\n5,1\n' | qf-import > t.qf
    expect_error 65 "qf-split: error: 2 rows with label 1 are too few for 3 folds" \
        qf-split --folds 3 --fold 1 t.qf
    expect_error 65 "qf-split: error: 2 rows with label 1 are too few for 3 clients" \
        qf-split --clients 3 --client 1 t.qf
    expect_error 65 "qf-split: error: 2 rows with label 1 are too few for a test share of 0.2" \
        qf-split --test 0.2 t.qf
}

@test "usage errors" {
    expect_error 64 "qf-split: error: give exactly one of --test, --sample, --folds and --clients" qf-split t.qf
    expect_error 64 "qf-split: error: give exactly one of --test, --sample, --folds and --clients" \
        qf-split --test 0.2 --clients 3 --client 1 t.qf
    expect_error 64 "qf-split: error: --folds needs --fold from 1 to 3" qf-split --folds 3 t.qf
    expect_error 64 "qf-split: error: --fold 4, but there are 3" qf-split --folds 3 --fold 4 t.qf
    expect_error 64 "qf-split: error: --client needs --clients" qf-split --test 0.2 --client 1 t.qf
    expect_error 64 "qf-split: error: --emit needs --test or --folds" \
        qf-split --clients 2 --client 1 --emit test t.qf
    expect_error 64 "qf-split: error: --skew needs --by label-skew" \
        qf-split --clients 2 --client 1 --skew 0.2 t.qf
    expect_error 64 "qf-split: error: --by contiguous does not group rows" \
        qf-split --clients 2 --client 1 --group identical t.qf
    expect_error 64 "qf-split: error: --by luck: expected contiguous, iid, label-skew or dirichlet" \
        qf-split --clients 2 --client 1 --by luck t.qf
    expect_error 64 "qf-split: error: --by COLUMN does not group rows" \
        qf-split --test 0.2 --by col_0 --group none t.qf
    expect_error 64 "qf-split: error: --gap needs --test and --by" qf-split --test 0.2 --gap 1 t.qf
    run qf-split --test 1.5 t.qf
    [ "$status" -eq 64 ]
}

@test "bad input, a full disk, and no valid stream after a failure" {
    run bash -c 'qf-split --test 0.2 t.qf > /dev/full'
    [ "$status" -eq 74 ]
    for cut in 0 10 200 1; do
        head -c -$((cut + 1)) t.qf > cut.qf
        run bash -c 'qf-split --test 0.2 cut.qf 2> /dev/null | qf-view --check'
        [ "$status" -eq 65 ]
        run qf-split --test 0.2 cut.qf
        [ "$status" -eq 65 ]
    done
    run qf-split --test 0.2 all.txt
    [ "$status" -eq 65 ]
}
