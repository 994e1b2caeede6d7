# qf-keygen identity and qf-keys: identities, rosters, the pool, and keys from an ETSI GS QKD 014 source.
load helper

setup() {
    setup_directory
    for p in 1 2; do qf-keygen identity --state p$p --party $p > id$p.qf; done
    cat id1.qf id2.qf > roster.qf
}

teardown() {
    if [ -e server.pid ]; then kill "$(cat server.pid)"; fi
}

certificate() { # NAME SIGNER: NAME.key and NAME.crt; its own signer without SIGNER
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2> /dev/null
    if [ $# -eq 1 ]; then
        openssl x509 -req -in "$1.csr" -signkey "$1.key" -days 2 -out "$1.crt" -extfile <(echo basicConstraints=CA:true) 2> /dev/null
    else
        openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -days 2 -out "$1.crt" \
            -extfile <(echo subjectAltName=IP:127.0.0.1) 2> /dev/null
    fi
}

start_server() {
    command -v python3 > /dev/null || skip "python3 is not here"
    certificate ca
    for name in kme p1 p2; do certificate $name ca; done
    python3 "$QF_ROOT/tests/etsi_server.py" kme.crt kme.key ca.crt port 3>&- > server.log 2>&1 &
    echo $! > server.pid
    for _ in $(seq 100); do [ -e port ] && break; sleep 0.1; done
    url=https://127.0.0.1:$(cat port)
}

fetch() { # PARTY ARGUMENT...
    local party=$1
    shift
    qf-keys fetch --state "p$party" --peer $((3 - party)) --url "$url" --cert "p$party.crt" --key "p$party.key" --ca ca.crt "$@"
}

@test "an identity is made once, public, and signed" {
    [ "$(stat -c %a p1)" = 700 ]
    [ "$(stat -c %a p1/identity)" = 600 ]
    qf-keygen identity --state p1 --party 1 | cmp - id1.qf
    expect_error 77 "qf-keygen: error: p1 belongs to party 1" bash -c 'qf-keygen identity --state p1 --party 2 > out'
    [ ! -s out ]
    secret=$(tail -c 64 p1/identity | xxd -p -c 64)
    [ "$(xxd -p -c 100000 id1.qf | grep -c "${secret:0:32}" || true)" -eq 0 ]
    expect_error 64 "qf-keygen: error: identity needs --state and --party" qf-keygen identity
    expect_error 64 'qf-keygen: error: expected identity, offer, accept or public, got ""' qf-keygen
}

@test "a state that others may read is refused" {
    chmod 750 p1
    expect_error 77 "qf-keygen: error: p1: others may read or write it (chmod go-rwx)" qf-keygen identity --state p1 --party 1
    chmod 700 p1
    chmod 644 p1/identity
    expect_error 77 "qf-keygen: error: p1/identity: others may read or write it (chmod go-rwx)" qf-keygen identity --state p1 --party 1
    rm p1/identity
    ln -s /etc/passwd p1/identity
    run qf-keygen identity --state p1 --party 1
    [ "$status" -eq 66 ]
    expect_error 66 "qf-keys: error: nowhere: No such file or directory" qf-keys list --state nowhere
}

@test "a roster with an altered or doubled identity is refused" {
    qf-synth --rows 60 > t.qf
    cat id1.qf id2.qf id2.qf > twice.qf
    expect_error 76 "qf-seal: error: twice.qf: party 2 is in the roster twice" bash -c 'qf-seal --state p1 --to 2 --roster twice.qf t.qf > out'
    # One digit of the agreement key changed, the digest mended.
    at=$(($(grep -obaF x25519 id2.qf | head -1 | cut -d: -f1) + 8))
    digit=$(dd if=id2.qf bs=1 skip=$at count=1 status=none)
    cp id2.qf forged.qf
    printf '%s' "$([ "$digit" = a ] && echo b || echo a)" | dd of=forged.qf bs=1 seek=$at conv=notrunc status=none
    mend forged.qf
    cat id1.qf forged.qf > roster2.qf
    expect_error 77 "qf-seal: error: roster2.qf: identity of party 2: the signature is not right" \
        bash -c 'qf-seal --state p1 --to 2 --roster roster2.qf t.qf > out'
    qf-keygen identity --state other --party 1 > other.qf
    cat other.qf id2.qf > roster3.qf
    expect_error 76 "qf-seal: error: the roster has other keys for party 1 than its state" \
        bash -c 'qf-seal --state p1 --to 2 --roster roster3.qf t.qf > out'
}

@test "keys from a source: the peer gets the same ones by their identifiers, once" {
    start_server
    fetch 1 --sae two --number 3 > ids
    [ "$(wc -l < ids)" -eq 3 ]
    fetch 2 --sae one --key-id "$(sed -n 1p ids)" --key-id "$(sed -n 2p ids)" > got
    cmp got <(head -2 ids)
    [ "$(qf-keys list --state p1 | cut -d' ' -f2- | sort -u)" = "2 send new" ]
    [ "$(qf-keys list --state p2 | cut -d' ' -f2- | sort -u)" = "1 receive new" ]
    qf-keys take --state p1 --peer 2 --into out1 > id
    cmp id <(head -1 ids)
    qf-keys take --state p2 --peer 1 --key-id "$(cat id)" --into out2 > /dev/null
    [ "$(stat -c %a out1/key.qf)" = 600 ]
    cmp <(qf-view --show records out1/key.qf) <(qf-view --show records out2/key.qf)
    expect_error 77 "qf-keys: error: key $(cat id) was handed out before" \
        qf-keys take --state p2 --peer 1 --key-id "$(cat id)" --into out2
    run fetch 2 --sae one --key-id "$(cat id)"
    [ "$status" -eq 69 ]
    [[ "$output" == *"the source answered with HTTP status 400" ]]
    # And what it is for.
    qf-synth --rows 60 > t.qf
    qf-seal --state p1 --to 2 --link qkd t.qf > s.qf
    qf-open --state p2 s.qf | cmp - t.qf
}

@test "a source that is not what it should be" {
    start_server
    expect_error 64 "qf-keys: error: a source of keys must be at an https:// address" \
        qf-keys fetch --state p1 --peer 2 --sae two --url http://127.0.0.1:1 --cert p1.crt --key p1.key --ca ca.crt
    expect_error 69 "qf-keys: error: https://127.0.0.1:1/api/v1/keys/two/enc_keys?number=1&size=256: Couldn't connect to server" \
        qf-keys fetch --state p1 --peer 2 --sae two --url https://127.0.0.1:1 --cert p1.crt --key p1.key --ca ca.crt
    run fetch 1 --sae forbidden
    [ "$status" -eq 77 ]
    for number in 1 2 3 4 5 6; do
        run fetch 1 --sae broken --number $number
        [ "$status" -eq 65 ] || { [ $number -eq 6 ] && [ "$status" -eq 76 ]; } || { echo "$number: $status $output"; return 1; }
        [ "${#lines[@]}" -eq 1 ]
    done
    # Nobody else's certificates, on either side.
    certificate wrong
    run qf-keys fetch --state p1 --peer 2 --sae two --url "$url" --cert p1.crt --key p1.key --ca wrong.crt
    [ "$status" -eq 77 ]
    run qf-keys fetch --state p1 --peer 2 --sae two --url "$url" --cert wrong.crt --key wrong.key --ca ca.crt
    [ "$status" -eq 77 ] || [ "$status" -eq 69 ]
    [ "$(qf-keys list --state p1)" = "" ]
}
