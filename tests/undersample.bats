# qf-undersample: the minority whole, as many random majority rows as asked for, in their order.
load helper

setup() {
    setup_directory
    qf-synth --rows 400 --columns 6 --seed 3 > t.qf
    qf-view --show records t.qf > all.txt
    majority=$(grep -c '"fraud":0' all.txt)
    minority=$(grep -c '"fraud":1' all.txt)
}

records() {
    qf-undersample "$@" < t.qf | qf-view --show records
}

@test "the minority stays whole, the majority gets the ratio, rows stay what they were and where" {
    for ratio in 1 0.5 0.41; do
        records --ratio $ratio --seed 7 > out.txt
        grep '"fraud":1' out.txt | cmp - <(grep '"fraud":1' all.txt)
        wanted=$(awk -v n="$minority" -v ratio=$ratio 'BEGIN { print int(n / ratio) }')
        [ "$(grep -c '"fraud":0' out.txt)" -eq "$wanted" ]
        [ "$wanted" -lt "$majority" ]
        grep -Fxf out.txt all.txt | cmp - out.txt
    done
}

@test "the majority may be fraud" {
    { echo a,y; for i in $(seq 30); do echo "$i,$((i % 3 != 0))"; done; } | qf-import > t.qf
    records > out.txt
    [ "$(grep -c '"fraud":0\|"y":0' out.txt)" -eq 10 ]
    [ "$(grep -c '"y":1' out.txt)" -eq 10 ]
}

@test "same seed same bytes, another seed other rows" {
    qf-undersample --seed 7 < t.qf > a.qf
    qf-undersample --seed 7 < t.qf | cmp - a.qf
    { head -c 1000 t.qf; sleep 0.1; tail -c +1001 t.qf; } | qf-undersample --seed 7 | cmp - a.qf
    records --seed 7 > a.txt
    records --seed 8 > b.txt
    [ "$(wc -l < a.txt)" -eq "$(wc -l < b.txt)" ]
    run ! cmp -s a.txt b.txt
}

@test "a ratio that is reached already drops nothing, and says so" {
    expect_error 0 "qf-undersample: warning: the ratio is reached already, no row was dropped" \
        bash -c 'qf-undersample --ratio 0.01 < t.qf | qf-view --show records | cmp - all.txt'
    printf 'a,y\n1,0\n2,0\n3,1\n4,1\n' | qf-import > t.qf
    expect_error 0 "qf-undersample: warning: the ratio is reached already, no row was dropped" \
        bash -c 'qf-undersample < t.qf | qf-view --check'
}

@test "synthetic rows keep their parents" {
    qf-smote -q --ratio 0.5 < t.qf > half.qf
    qf-view --show records half.qf > half.txt
    qf-undersample < half.qf | qf-view --show records > out.txt
    grep -Fxf out.txt half.txt | cmp - out.txt
    [ "$(grep -vc '"@neighbour":-1' out.txt)" -eq "$(grep -vc '"@neighbour":-1' half.txt)" ]
}

@test "one class is an error" {
    printf 'a,y\n1,1\n2,1\n3,1\n' | qf-import > one.qf
    expect_error 65 "qf-undersample: error: 0 rows with label 0, at least 1 needed" \
        bash -c 'qf-undersample < one.qf > out.qf'
    [ ! -s out.qf ]
}

@test "usage errors" {
    for ratio in 0 1.01 -1 nan x; do
        run qf-undersample --ratio $ratio < t.qf
        [ "$status" -eq 64 ]
        [ "${#lines[@]}" -eq 1 ]
    done
}

@test "bad input, a full disk, and no valid stream after a failure" {
    for cut in 1 2 33 100 1000; do
        head -c -$cut t.qf > cut.qf
        run bash -c 'qf-undersample < cut.qf > out.qf'
        [ "$status" -eq 65 ]
        [ "${#lines[@]}" -eq 1 ]
        run qf-view --check out.qf
        [ "$status" -eq 65 ]
    done
    run bash -c 'qf-undersample < all.txt'
    [ "$status" -eq 65 ]
    run bash -c 'qf-undersample < t.qf > /dev/full'
    [ "$status" -eq 74 ]
    [ "${#lines[@]}" -eq 1 ]
}
