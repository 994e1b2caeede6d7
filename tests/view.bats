# qf-view: the header, provenance and records of any stream; verification.
load helper

setup() {
    setup_directory
    printf 'a,b,y\n1,2.5,0\n-3,0,1\n' > t.csv
    qf-import t.csv > t.qf
}

@test "shows type, schema, provenance and digests" {
    run qf-view t.qf
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "type: table" ]
    [ "${lines[1]}" = 'schema: {"columns":["a","b"],"target":"y"}' ]
    [[ "$output" == *"qf-import"*"t.csv"* ]]
    [[ "$output" == *"input: file $(sha256sum t.csv | cut -d' ' -f1)"* ]]
}

@test "the stream's name is the SHA-256 of everything before it" {
    digest=$(head -c -32 t.qf | sha256sum | cut -d' ' -f1)
    [ "$digest" = "$(tail -c 32 t.qf | xxd -p -c 64)" ]
    qf-view t.qf | grep -q "sha256: $digest"
}

@test "records are JSON lines" {
    run qf-view --show records t.qf
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = '{"a":1,"b":2.5,"y":0,"@row":0,"@neighbour":-1}' ]
    [ "${lines[1]}" = '{"a":-3,"b":0,"y":1,"@row":1,"@neighbour":-1}' ]
}

@test "provenance is JSON, without directories" {
    mkdir d && cp t.csv d/u.csv
    run bash -c 'qf-import d/u.csv | qf-view --show provenance'
    [ "$status" -eq 0 ]
    [[ "$output" == '{"tool":"qf-import","version":'*'"arguments":["u.csv"],"notes":[],"inputs":[]}' ]]
}

@test "forty programs in a row" {
    cp t.qf chain.qf
    for ((i = 1; i < 40; i++)); do
        qf-scale --fit none chain.qf > next.qf
        mv next.qf chain.qf
    done
    [ "$(qf-view --show header chain.qf | grep -cE '^ +qf-(scale|import) ')" -eq 40 ]
    qf-export --to csv chain.qf | cmp - t.csv
}

@test "--check is silent on an intact stream, and on two of them" {
    run qf-view --check t.qf
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    cat t.qf t.qf | qf-view --check
}

@test "a stream cut or altered at any byte ends with 65 and one line" {
    size=$(stat -c %s t.qf)
    for ((at = 0; at < size; at += 7)); do
        head -c $at t.qf > cut.qf
        run qf-view --check cut.qf
        [ "$status" -eq 65 ]
        [ "${#lines[@]}" -eq 1 ]
        cp t.qf bad.qf
        printf "\\x$(printf %02x $((0x$(xxd -p -s $at -l 1 t.qf) ^ 0x55)))" |
            dd of=bad.qf bs=1 seek=$at conv=notrunc status=none
        run qf-view --check bad.qf
        [ "$status" -eq 65 ]
        [ "${#lines[@]}" -eq 1 ]
    done
}

@test "says what is wrong and where" {
    head -c -1 t.qf > cut.qf
    run qf-view --check cut.qf
    [[ "$output" == "qf-view: error: cut.qf: byte $(stat -c %s cut.qf): the stream is cut off inside a record" ]]
    run qf-view --check t.csv
    [ "$output" = "qf-view: error: t.csv: byte 0: not a qf stream, expected a qf stream (CSV goes through qf-import)" ]
    run qf-view --check nowhere.qf
    [ "$status" -eq 66 ]
    [ "$output" = "qf-view: error: nowhere.qf: No such file or directory" ]
    run bash -c 'qf-view < /dev/null'
    [ "$status" -eq 65 ]
}

@test "what a terminal would obey is not printed" {
    name=$'a\e[2J\n- note\xc2\x9b.qf'
    cp t.qf "$name"
    qf-scale --fit none --save scaler.qf "$name" > scaled.qf
    for show in header provenance; do
        qf-view --show $show scaled.qf > text
        grep -q '[^ ]\[2J.*- note.*\.qf' text
        [ "$(grep -cP '\e|\xc2\x9b' text)" -eq 0 ]
    done
}

@test "a full disk is an error" {
    run bash -c 'qf-view t.qf > /dev/full'
    [ "$status" -eq 74 ]
}
