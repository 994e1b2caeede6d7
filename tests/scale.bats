# qf-scale: fit on a pipe, apply anywhere; both outputs or none.
load helper

setup() {
    setup_directory
    qf-synth --rows 500 --columns 6 --seed 3 > t.qf
    kinds="none standard min-max log-standard log-min-max quantile"
}

@test "applying a saved scaler to the fitted rows gives what the fit gave, for every kind" {
    for kind in $kinds; do
        qf-scale --fit $kind --save s.qf < t.qf | qf-view --show records > fitted.txt
        qf-scale --apply s.qf < t.qf | qf-view --show records | cmp - fitted.txt
        qf-scale --fit $kind t.qf | qf-view --show records | cmp - fitted.txt
        [[ "$(qf-view s.qf)" == "type: scaler"*"\"kind\":\"$kind\""* ]]
    done
}

@test "min-max by hand, with a constant column and rows outside the fitted range" {
    printf 'a,b,y\n2,7,0\n4,7,1\n3,7,0\n' | qf-import | qf-scale --fit min-max --save s.qf > /dev/null
    printf 'a,b,y\n2,7,0\n5,8,1\n' | qf-import | qf-scale --apply s.qf | qf-export --to csv > out.csv
    printf 'a,b,y\n0,0,0\n1.5,0,1\n' | diff - out.csv
}

@test "labels and the rows' identity stay" {
    identity() { qf-view --show records "$@" | sed 's/.*"fraud"/"fraud"/'; }
    identity t.qf > before.txt
    qf-scale --fit quantile t.qf | identity | cmp - before.txt
}

@test "--clip is kept in the scaler" {
    printf 'a,y\n0,0\n0,1\n0,0\n0,1\n100,0\n' | qf-import > t.qf
    qf-scale --fit standard --clip 1.25 --save s.qf < t.qf | qf-export --to csv > fitted.csv
    printf 'a,y\n-0.5,0\n-0.5,1\n-0.5,0\n-0.5,1\n1.25,0\n' | diff - fitted.csv
    qf-scale --apply s.qf < t.qf | qf-export --to csv | diff - fitted.csv
}

@test "kind none changes no byte of a row" {
    qf-scale --fit none t.qf | qf-view --show records | cmp - <(qf-view --show records t.qf)
}

@test "the same bytes from a pipe, slowly or fast, and again" {
    qf-scale --fit log-standard --save s1.qf < t.qf > a.qf
    { head -c 1000 t.qf; sleep 0.1; tail -c +1001 t.qf; } | qf-scale --fit log-standard --save s1.qf | cmp - a.qf
    mkdir other
    qf-scale --fit log-standard --save other/s1.qf < t.qf | cmp - a.qf
    cmp s1.qf other/s1.qf
}

@test "concatenated parts are fitted as one" {
    for client in 1 2; do qf-split --clients 2 --client $client t.qf > part-$client.qf; done
    cat part-1.qf part-2.qf | qf-scale --fit quantile | qf-view --show records | sort > parts.txt
    qf-scale --fit quantile t.qf | qf-view --show records | sort | cmp - parts.txt
    cat part-1.qf part-2.qf > parts.qf
    qf-scale --fit standard --save s.qf t.qf > /dev/null
    expect_error 65 "qf-scale: error: parts.qf: byte $(stat -c %s part-1.qf): more follows the stream's end" \
        bash -c 'qf-scale --apply s.qf parts.qf > out.qf'
    run qf-view --check out.qf
    [ "$status" -eq 65 ]
}

@test "another table's columns do not fit" {
    qf-scale --fit standard --save s.qf t.qf > /dev/null
    qf-synth --rows 50 --columns 5 > narrow.qf
    expect_error 76 "qf-scale: error: narrow.qf: expected 7 feature columns, got 6" \
        bash -c 'qf-scale --apply s.qf narrow.qf > out.qf'
    [ ! -s out.qf ]
    printf 'a,b,y\n1,2,0\n2,3,1\n' | qf-import > ab.qf
    printf 'b,a,y\n1,2,0\n2,3,1\n' | qf-import > ba.qf
    qf-scale --fit standard --save s.qf ab.qf > /dev/null
    expect_error 76 'qf-scale: error: ba.qf: column 1: expected "a", got "b"' \
        bash -c 'qf-scale --apply s.qf ba.qf > out.qf'
}

@test "a failure leaves no scaler, no temporary file and no valid stream" {
    size=$(stat -c %s t.qf)
    for cut in 1 10 40 $((size / 2)) $((size - 5)) $size; do
        head -c -"$cut" t.qf > cut.qf
        run bash -c 'qf-scale --fit standard --save s.qf < cut.qf > out.qf'
        [ "$status" -eq 65 ]
        [ "${#lines[@]}" -eq 1 ]
        run qf-view --check out.qf
        [ "$status" -eq 65 ]
    done
    run bash -c 'qf-scale --fit standard --save s.qf < t.qf > /dev/full'
    [ "$status" -eq 74 ]
    run bash -c 'qf-scale --fit standard --save nowhere/s.qf < t.qf > out.qf'
    [ "$status" -eq 73 ]
    run qf-view --check out.qf
    [ "$status" -eq 65 ]
    TMPDIR=/nowhere run bash -c 'qf-scale --fit standard --save s.qf < t.qf > out.qf'
    [ "$status" -eq 73 ]
    [ "$(ls s.qf* 2> /dev/null | wc -l)" -eq 0 ]
}

@test "a scaler cut off, altered or of another type is refused" {
    qf-scale --fit quantile --save s.qf t.qf > /dev/null
    head -c -1 s.qf > cut.qf
    run bash -c 'qf-scale --apply cut.qf t.qf > out.qf'
    [ "$status" -eq 65 ]
    [[ "$output" == "qf-scale: error: cut.qf: "* ]]
    expect_error 65 "qf-scale: error: t.qf: expected a scaler stream, got a table stream" \
        bash -c 'qf-scale --apply t.qf t.qf > out.qf'
    run qf-scale --apply nowhere.qf t.qf
    [ "$status" -eq 66 ]
}

@test "usage errors" {
    expect_error 64 "qf-scale: error: give either --fit or --apply" qf-scale t.qf
    expect_error 64 "qf-scale: error: give either --fit or --apply" qf-scale --fit none --apply s.qf t.qf
    expect_error 64 "qf-scale: error: --save needs --fit" qf-scale --apply s.qf --save s.qf t.qf
    expect_error 64 "qf-scale: error: --clip needs --fit" qf-scale --apply s.qf --clip 3 t.qf
    run qf-scale --fit cubic t.qf
    [ "$status" -eq 64 ]
    run qf-scale --fit standard --clip 0 t.qf
    [ "$status" -eq 64 ]
}

@test "memory does not grow with the rows" {
    [[ $QF_BUILD != *sanitize* ]] || skip "sanitizers need memory of their own"
    [ -x /usr/bin/time ] || skip "GNU time measures memory"
    qf-synth --rows 200000 --columns 29 > big.qf # 48 MB as doubles
    for work in "--fit standard --save s.qf" "--apply s.qf"; do
        cat big.qf | /usr/bin/time -f %M -o memory qf-scale $work > /dev/null
        [ "$(cat memory)" -lt 30000 ]
    done
}
