# qf-smote: as many synthetic rows as asked for, each between two minority rows that it names.
load helper

setup() {
    setup_directory
    qf-synth --rows 400 --columns 6 --seed 3 > t.qf
    qf-view --show records t.qf > all.txt
    majority=$(grep -c '"fraud":0' all.txt)
    minority=$(grep -c '"fraud":1' all.txt)
    warning=" columns of whole numbers have fractional synthetic values; --round keeps them whole"
}

# The synthetic rows of a run on t.qf, as JSON lines.
synthetic() {
    qf-smote -q "$@" < t.qf | qf-view --show records | tail -n +401
}

# lies_between ALL SYNTHETIC: every synthetic row's parents are two different fraud rows of ALL, and each of its
# values lies between theirs.
lies_between() {
    awk -F, '
        function value(field) { sub(/^[^:]*:/, "", field); sub(/}$/, "", field); return field + 0 }
        FNR == NR && value($(NF - 2)) { fraud[value($(NF - 1))] = $0 }
        FNR == NR { next }
        {
            rows++
            parent = value($(NF - 1)); other = value($NF)
            if (!value($(NF - 2)) || parent == other || !(parent in fraud) || !(other in fraud)) {
                print "row " FNR ": " $0; exit bad = 1
            }
            split(fraud[parent], x); split(fraud[other], y)
            for (c = 1; c < NF - 2; c++) {
                a = value(x[c]); b = value(y[c]); v = value($c)
                if ((v < a && v < b) || (v > a && v > b)) { print "row " FNR ", column " c ": " $0; exit bad = 1 }
            }
        }
        END { exit bad || rows == 0 }' "$1" "$2"
}

@test "the classes get the ratio, and the rows read stay as they are, in front" {
    for ratio in 1 0.5 0.61; do
        qf-smote -q --ratio $ratio --seed 7 < t.qf | qf-view --show records > out.txt
        head -n 400 out.txt | cmp - all.txt
        [ "$(grep -c '"fraud":0' out.txt)" -eq "$majority" ]
        wanted=$(awk -v n="$majority" -v ratio=$ratio 'BEGIN { print int(n * ratio) }')
        [ "$(grep -c '"fraud":1' out.txt)" -eq "$wanted" ]
        [ "$wanted" -gt "$minority" ]
    done
}

@test "every synthetic row lies between two fraud rows that it names" {
    for k in 1 5 20; do
        synthetic --seed 7 --neighbours $k > made.txt
        lies_between all.txt made.txt
    done
    synthetic --seed 7 --round > made.txt
    lies_between all.txt made.txt
    # The check can fail: a parent that is no fraud row, a value beyond both parents.
    run lies_between <(sed 's/"fraud":1/"fraud":0/' all.txt) made.txt
    [ "$status" -eq 1 ]
    run lies_between all.txt <(sed '9s/"col_0":/"col_0":9/' made.txt)
    [ "$status" -eq 1 ]
}

@test "the second parent is one of the nearest rows" {
    # Fraud rows in three far groups of four: with three neighbours, no pair crosses a gap.
    { echo a,b,y; for i in $(seq 40); do echo "$i,$i,0"; done
      for group in 1 2 3; do for i in 1 2 3 4; do echo "$((group * 1000 + i * i)),$i,1"; done; done; } | qf-import > t.qf
    qf-smote -q --neighbours 3 --seed 1 < t.qf | qf-view --show records | tail -n +53 > made.txt
    [ "$(wc -l < made.txt)" -eq 28 ]
    sed 's/.*"@row":\([0-9]*\),"@neighbour":\([0-9]*\)}/\1 \2/' made.txt |
        awk '{ if (int(($1 - 40) / 4) != int(($2 - 40) / 4)) exit bad = 1 } END { exit bad }'
    qf-smote -q --neighbours 4 --seed 1 < t.qf | qf-view --show records | tail -n +53 |
        sed 's/.*"@row":\([0-9]*\),"@neighbour":\([0-9]*\)}/\1 \2/' |
        awk '{ crossing += int(($1 - 40) / 4) != int(($2 - 40) / 4) } END { exit !crossing }'
}

@test "same seed same bytes, another seed other rows" {
    qf-smote -q --seed 7 < t.qf > a.qf
    qf-smote -q --seed 7 < t.qf | cmp - a.qf
    { head -c 1000 t.qf; sleep 0.1; tail -c +1001 t.qf; } | qf-smote -q --seed 7 | cmp - a.qf
    synthetic --seed 7 > a.txt
    synthetic --seed 8 > b.txt
    [ "$(wc -l < a.txt)" -eq "$(wc -l < b.txt)" ]
    [ "$(sort a.txt b.txt | uniq -d | wc -l)" -eq 0 ]
}

@test "a smaller ratio makes the first rows of a larger one" {
    synthetic --seed 7 --ratio 0.6 > few.txt
    synthetic --seed 7 | head -n "$(wc -l < few.txt)" | cmp - few.txt
}

@test "the same bytes for any number of threads and every SIMD level" {
    qf-synth --rows 9000 --columns 30 --seed 2 | qf-scale --fit log-standard > t.qf # more rows than a block
    QF_SIMD=portable qf-smote --threads 1 --seed 4 < t.qf > one.qf
    for threads in 2 3 16; do qf-smote --threads $threads --seed 4 < t.qf | cmp - one.qf; done
    for level in avx2 avx512; do
        QF_SIMD=$level run qf-smote --help
        if [ "$status" -eq 69 ]; then continue; fi # a level that this machine lacks
        QF_SIMD=$level qf-smote --threads 2 --seed 4 < t.qf | cmp - one.qf
    done
}

@test "columns of whole numbers: a warning, unless --round keeps them whole" {
    printf 'whole,constant,real,y\n' > t.csv
    for i in $(seq 60); do echo "$((i * 7 % 31)),3,$i.5,$((i % 4 == 0))"; done >> t.csv
    qf-import t.csv > t.qf
    expect_error 0 "qf-smote: warning: 1$warning" bash -c 'qf-smote < t.qf > fractional.qf'
    qf-export fractional.qf | tail -n +62 > made.csv
    [ "$(cut -d, -f1 made.csv | grep -c '\.')" -gt 15 ]
    [ "$(cut -d, -f2 made.csv | sort -u)" = 3 ]
    expect_error 0 "" bash -c 'qf-smote -q < t.qf | cmp - fractional.qf'
    expect_error 0 "" bash -c 'qf-smote --round < t.qf > round.qf'
    qf-export round.qf | tail -n +62 > made.csv
    [ "$(cut -d, -f1,2 made.csv | grep -c '\.')" -eq 0 ]
    [ "$(cut -d, -f3 made.csv | grep -vc '^[0-9]*\.5$')" -gt 15 ] # a real column is not rounded
}

@test "the minority may be the legitimate rows" {
    { echo a,y; for i in $(seq 30); do echo "$i,$((i % 3 != 0))"; done; } | qf-import > t.qf
    qf-smote -q < t.qf | qf-export --to csv > out.csv
    [ "$(grep -c ',0$' out.csv)" -eq 20 ]
    [ "$(grep -c ',1$' out.csv)" -eq 20 ]
}

@test "identical minority rows are each other's neighbours" {
    { echo a,b,y; for i in $(seq 30); do echo "$i,$i,0"; done; for i in 1 2 3 4 5 6; do echo "7,1.5,1"; done; } |
        qf-import > t.qf
    qf-smote -q < t.qf > out.qf
    [ "$(qf-export out.qf | tail -n 24 | sort -u)" = 7,1.5,1 ]
    qf-view --show records out.qf | tail -n 24 | awk -F'[:,}]' '{ if ($(NF - 1) == $(NF - 3)) exit bad = 1 } END { exit bad }'
}

@test "a ratio that is reached already adds nothing, and says so" {
    printf 'a,y\n1,0\n2,0\n3,1\n4,1\n' | qf-import > even.qf
    expect_error 0 "qf-smote: warning: the ratio is reached already, no row was added" \
        bash -c 'qf-smote < even.qf > out.qf'
    qf-view --show records out.qf | cmp - <(qf-view --show records even.qf)
    qf-view --check out.qf
    expect_error 0 "qf-smote: warning: the ratio is reached already, no row was added" \
        bash -c 'qf-smote --ratio 0.1 < t.qf | qf-view --show records | cmp - all.txt'
}

@test "too few rows, one class, rows that are synthetic already" {
    printf 'a,y\n1,0\n2,0\n3,0\n4,1\n5,1\n' | qf-import > few.qf
    expect_error 65 \
        "qf-smote: error: 2 rows with label 1, 5 neighbours need at least 6; choose a smaller --neighbours" \
        bash -c 'qf-smote < few.qf > out.qf'
    [ ! -s out.qf ]
    qf-smote -q --neighbours 1 < few.qf | qf-view --check
    printf 'a,y\n1,0\n2,0\n3,0\n' | qf-import > one.qf
    expect_error 65 "qf-smote: error: 0 rows with label 1, at least 1 needed" bash -c 'qf-smote < one.qf > out.qf'
    [ ! -s out.qf ]
    qf-smote -q --ratio 0.5 < t.qf > half.qf
    expect_error 65 "qf-smote: error: row 401 is synthetic already: SMOTE needs original minority rows" \
        bash -c 'qf-smote < half.qf > out.qf'
    [ ! -s out.qf ]
}

@test "usage errors" {
    for ratio in 0 1.01 -1 nan x; do
        run qf-smote --ratio $ratio < t.qf
        [ "$status" -eq 64 ]
        [ "${#lines[@]}" -eq 1 ]
    done
    expect_error 64 "qf-smote: error: --neighbours: expected 1 to 1000, got 0" qf-smote --neighbours 0
}

@test "bad input, a full disk, and no valid stream after a failure" {
    for cut in 1 2 33 100 1000; do
        head -c -$cut t.qf > cut.qf
        run bash -c 'qf-smote < cut.qf > out.qf'
        [ "$status" -eq 65 ]
        [ "${#lines[@]}" -eq 1 ]
        run qf-view --check out.qf
        [ "$status" -eq 65 ]
    done
    run bash -c 'qf-smote < all.txt'
    [ "$status" -eq 65 ]
    run bash -c 'qf-smote -q < t.qf > /dev/full'
    [ "$status" -eq 74 ]
    [ "${#lines[@]}" -eq 1 ]
    # Values that are not finite never reach it.
    printf 'a,y\n1,0\nnan,0\n3,1\n' > nan.csv
    run bash -c 'qf-import nan.csv | qf-smote'
    [ "$status" -eq 65 ]
}

@test "--verbose says how long neighbours and synthesis took" {
    run bash -c 'qf-smote -v --round < t.qf > out.qf'
    [ "$status" -eq 0 ]
    [[ "${lines[0]}" =~ ^"qf-smote: read 400 rows ("[0-9.]+" s)"$ ]]
    [[ "${lines[1]}" =~ ^"qf-smote: neighbours of $minority rows ("[0-9.]+" s)"$ ]]
    [[ "${lines[2]}" =~ ^"qf-smote: synthesis of $((majority - minority)) rows ("[0-9.]+" s)"$ ]]
}
