# qf-seal and qf-open: for one party's eyes, whole or not at all.
load helper

setup() {
    setup_directory
    for p in 1 2 3; do qf-keygen identity --state p$p --party $p > id$p.qf; done
    cat id?.qf > roster.qf
    qf-synth --rows 3000 --columns 20 > table.qf # several chunks
    qf-synth --rows 60 > small.qf
    cat table.qf small.qf > two.qf
    qf-seal --state p1 --to 2 --roster roster.qf --round 4 two.qf > sealed.qf
}

# opens CODE FILE ARGUMENT...: party 2 opens the file with this exit code, one line and nothing on standard output.
refused() {
    local code=$1 file=$2
    shift 2
    run bash -c 'file=$1; shift; qf-open --state p2 --roster roster.qf "$@" < "$file" 2>&1 > out' - "$file" "$@"
    [ "$status" -eq "$code" ] && [ "${#lines[@]}" -eq 1 ] && [ ! -s out ] && return
    echo "$file: $status, $(stat -c %s out) bytes: $output"
    return 1
}

@test "the receiver gets the streams as they were, byte for byte" {
    qf-open --state p2 --roster roster.qf --from 1 --round 4 sealed.qf | cmp - two.qf
    [ "$(qf-open --state p2 --roster roster.qf --verbose sealed.qf 2>&1 > /dev/null)" = "qf-open: from party 1, round 4" ]
    # No two are the same, and nothing of the content shows.
    qf-seal --state p1 --to 2 --roster roster.qf --round 4 two.qf > again.qf
    ! cmp -s sealed.qf again.qf
    [ "$(qf-view sealed.qf | grep -c 'synth\|table' || true)" -eq 0 ]
    [ "$(qf-view sealed.qf | grep -c "$(tail -c 32 small.qf | xxd -p -c 64)" || true)" -eq 0 ]
}

@test "another receiver, sender or round" {
    run bash -c 'qf-open --state p3 --roster roster.qf < sealed.qf > out'
    [ "$status" -eq 77 ]
    [ "$output" = "qf-open: error: sealed for party 2, not for party 3" ]
    refused 77 sealed.qf --from 3
    [ "${lines[0]}" = "qf-open: error: sealed by party 1, expected party 3" ]
    refused 77 sealed.qf --round 5
    [ "${lines[0]}" = "qf-open: error: sealed in round 4, expected round 5" ]
    # A roster in which party 1 is someone else.
    qf-keygen identity --state other --party 1 > other.qf
    cat other.qf id2.qf > roster.qf
    refused 77 sealed.qf
    cat id2.qf id3.qf > roster.qf
    refused 76 sealed.qf
    expect_error 76 "qf-seal: error: party 9 is not in the roster" bash -c 'cat id?.qf > r.qf; qf-seal --state p1 --to 9 --roster r.qf small.qf > out'
}

@test "damage: cut off anywhere, or a bit flipped anywhere behind the header" {
    header=$(($(grep -obaF chunks sealed.qf | head -1 | cut -d: -f1) - 8))
    size=$(stat -c %s sealed.qf)
    for at in $header $((header + 40)) $((size / 2)) $((size - 1)); do
        head -c $at sealed.qf > cut.qf
        refused 77 cut.qf
        cp sealed.qf bad.qf
        flip bad.qf $at
        refused 77 bad.qf
    done
    head -c 20 sealed.qf > cut.qf
    refused 65 cut.qf
}

@test "attack: the same with the digest mended, and chunks reordered or dropped" {
    cp sealed.qf bad.qf
    mend bad.qf
    cmp bad.qf sealed.qf
    size=$(stat -c %s sealed.qf)
    chunk=$((65536 + 16))
    first=$((size / 2)) # within the chunks
    for at in $first $((first + chunk)) $((size - 3000)); do
        cp sealed.qf bad.qf
        flip bad.qf $at
        mend bad.qf
        refused 77 bad.qf
    done
    python3 - "$chunk" <<'PYTHON'
import re, sys
chunk = int(sys.argv[1])
data = open("sealed.qf", "rb").read()
# The array's piece: its bytes behind a 32-bit length.
at = data.index(b"\xa6chunks")
length = re.compile(rb"\xc6(....)", re.S).search(data, at)
begin, count = length.end(), int.from_bytes(length.group(1), "big")
assert count > 2 * chunk
swapped = bytearray(data)
swapped[begin:begin + 2 * chunk] = data[begin + chunk:begin + 2 * chunk] + data[begin:begin + chunk]
open("swapped.qf", "wb").write(swapped)
# Without the last chunk: two lengths change, of the array (its rows) and of its piece.
rest = chunk * (count // chunk)
rows = b"\xce" + count.to_bytes(4, "big")
cut = data[:begin] + data[begin:begin + rest] + data[begin + count:]
assert cut.count(rows) == 1
cut = cut.replace(rows, b"\xce" + rest.to_bytes(4, "big"))
cut = cut[:begin - 4] + rest.to_bytes(4, "big") + cut[begin:]
open("dropped.qf", "wb").write(cut)
PYTHON
    for file in swapped dropped; do
        mend $file.qf
        qf-view --check $file.qf # a stream like any other
        refused 77 $file.qf
        [[ "$output" == *"chunk "*": authentication failed" ]]
    done
    for change in s/sender/sendes/ 's/aes-256-gcm/aes-256-gcn/'; do
        LC_ALL=C sed "$change" sealed.qf > bad.qf
        mend bad.qf
        refused 77 bad.qf
    done
    # The round is in the header, as text.
    LC_ALL=C sed 's/\(round\xa1\)4/\15/' sealed.qf > bad.qf
    ! cmp -s bad.qf sealed.qf
    mend bad.qf
    refused 77 bad.qf --round 5
}

@test "keys of BB84: one message each, and no replay" {
    qf-qkd enrol --state p1 --peer-state p2
    qf-qkd simulate --state p1 --peer-state p2 > /dev/null
    qf-seal --state p1 --to 2 --link qkd small.qf > q.qf
    qf-open --state p2 q.qf | cmp - small.qf
    id=$(qf-view q.qf | sed -n 's/.*"key_ID":"\([^"]*\)".*/\1/p')
    expect_error 77 "qf-open: error: key $id was handed out before" bash -c 'qf-open --state p2 q.qf > out'
    [ ! -s out ]
    expect_error 77 "qf-seal: error: no key left for party 2: make some with qf-qkd" \
        bash -c 'qf-seal --state p1 --to 2 --link qkd small.qf > out'
    [ ! -s out ]
    # The session's second key is for the other direction.
    qf-seal --state p2 --to 1 --link qkd small.qf | qf-open --state p1 | cmp - small.qf
}

@test "the paper's ECB: a warning each time, never by mistake" {
    qf-seal --state p1 --to 2 --roster roster.qf --paper-ecb --quiet small.qf > ecb.qf 2> lines
    [ "$(cat lines)" = "qf-seal: warning: AES-ECB shows which blocks are equal and authenticates nothing: for the paper protocol alone" ]
    expect_error 77 "qf-open: error: the stream was sealed with --paper-ecb" bash -c 'qf-open --state p2 --roster roster.qf ecb.qf > out'
    qf-open --state p2 --roster roster.qf --paper-ecb ecb.qf 2> lines | cmp - small.qf
    [ "$(cat lines)" = "qf-open: warning: AES-ECB authenticates nothing: anyone may have made or altered this" ]
    run bash -c 'qf-open --state p2 --roster roster.qf --paper-ecb sealed.qf > out'
    [ "$status" -eq 77 ]
    [ ! -s out ]
}

@test "what cannot be sealed, and options that make no sense" {
    head -c -1 small.qf > cut.qf
    for input in cut.qf /dev/null roster.csv; do
        echo a,b > roster.csv
        run bash -c "qf-seal --state p1 --to 2 --roster roster.qf < $input > out"
        [ "$status" -eq 65 ]
        [ ! -s out ]
    done
    expect_error 64 "qf-seal: error: give --state and --to" qf-seal small.qf
    expect_error 64 "qf-seal: error: --roster goes with --link x25519" qf-seal --state p1 --to 2 small.qf
    expect_error 64 "qf-open: error: give --state" qf-open sealed.qf
    expect_error 64 "qf-open: error: the stream was sealed with --link x25519: give --roster" bash -c 'qf-open --state p2 sealed.qf > out'
    mkdir -m 700 empty
    expect_error 66 "qf-open: error: empty: no identity there (qf-keygen identity makes one)" \
        bash -c 'qf-open --state empty --roster roster.qf sealed.qf > out'
    run bash -c 'qf-open --state p2 --roster roster.qf sealed.qf > /dev/full'
    [ "$status" -eq 74 ]
}
