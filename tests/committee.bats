# The ceremony of a committee: a key that nobody holds, sums that only its members open together, and what they refuse.
bats_require_minimum_version 1.5.0
load helper

# A committee of five, three of whom decrypt, made once; and models of five parties.
setup_file() {
    cd "$BATS_FILE_TMPDIR"
    make_committee 5 3
    qf-synth --rows 500 --columns 6 | qf-audit --fix --quiet > data.tab
    for i in 1 2 3 4 5; do
        qf-split --clients 5 --client $i data.tab | qf-train-classic --model logistic > m$i.model
    done
}

setup() {
    setup_directory
    cp -a "$BATS_FILE_TMPDIR"/. .
}

# contribute PARTY...: fresh contributions c1.qf ... and their concatenation, and its sum.
contribute() {
    rm -f c?.qf
    local i
    for i; do qf-encrypt --key public.qf --state p$i --weight $i m$i.model > c$i.qf; done
    cat c?.qf > contributions
    qf-aggregate contributions > sum.qf
}

# answer SET PARTY...: their answers dPARTY.qf, and all of them.
answer() {
    local set=$1 i
    shift
    for i; do qf-decrypt --state p$i --set "$set" contributions > d$i.qf || return; done
    for i; do cat d$i.qf; done > answers
}

# Places in a stream that mean something: the first bytes of every field's value in the header, and 40 bytes into arrays.
# (The runs that a stream tells of are nobody's word: they are not signed.)
places() {
    local name
    for name in threshold contributors most_weight decryptions generation roster party identities signature link set key \
        sum weight round kind columns; do
        # A text in msgpack: its length, with a mark, before it.
        grep -obaF "$(printf "\\x$(printf %x $((160 + ${#name})))")$name" "$1" | sed -n '1s/:.*//p' |
            while read -r at; do echo $((at + ${#name} + 3)); done
    done
    for name in part shares body; do
        grep -obaF "$(printf "\\x$(printf %x $((160 + ${#name})))")$name" "$1" | sed 's/:.*//' | tail -1 |
            while read -r at; do echo $((at + 40)); done
    done
}

# The arrays of a model that were summed, for comparison.
numbers_of() {
    qf-view --show records "$1" | grep '"array":"\(coefficients\|intercept\)"'
}

@test "the whole ceremony: the mean is that of the plain models, whichever set opens it" {
    cat m?.model | qf-aggregate --weights 1,2,3,4,5 > plain.model
    numbers_of plain.model > expected
    [ -s expected ]
    for set in 1,2,3 2,4,5 5,1,4; do
        contribute 1 2 3 4 5
        answer $set ${set//,/ }
        qf-combine --ciphertext sum.qf answers > model.qf
        numbers_of model.qf | cmp - expected
    done
    qf-predict --model model.qf data.tab | qf-view --check
    # The set's order, and that of answers, does not matter.
    cat d4.qf d1.qf d5.qf | qf-combine --ciphertext sum.qf > other.qf
    numbers_of other.qf | cmp - expected
}

@test "the public key: the same bytes whoever joins it, in whatever order" {
    cat offer4.qf offer2.qf offer5.qf offer1.qf offer3.qf | qf-keygen public | cmp - public.qf
    qf-keygen public --roster roster.qf < offers | cmp - public.qf
    qf-keygen identity --state other --party 6 | cat roster.qf - > larger.qf
    expect_error 76 "qf-keygen: error: the offers are by another roster than larger.qf" \
        bash -c 'qf-keygen public --roster larger.qf < offers > out'
    # Terms that were lowered on the way.
    cp public.qf bad.qf
    at=$(grep -obaF contributors public.qf | head -1 | cut -d: -f1)
    flip bad.qf $((at + 12)) && mend bad.qf
    expect_error 65 "qf-encrypt: error: bad.qf: the key was made on other terms" \
        bash -c 'qf-encrypt --key bad.qf --party 1 m1.model > out'
}

@test "an offer is made once: asked again, it is the same; on other terms it is another" {
    qf-keygen offer --state p2 --roster roster.qf --threshold 3 | cmp - offer2.qf
    qf-keygen offer --state p2 --roster roster.qf --threshold 3 --generation 2 > next.qf
    run ! cmp -s next.qf offer2.qf
    # Nothing secret is left of the first, but for the share of the joint key.
    [ -z "$(find p1 -name 'offered-*')" ]
    [ "$(find p2 -name 'offered-*' | wc -l)" -eq 1 ]
    [ -z "$(find p? ! -perm /u+w -o -perm /077)" ]
}

@test "accepting again changes nothing" {
    find p3 -type f -exec sha256sum {} + > before
    qf-keygen accept --state p3 < offers
    sha256sum --quiet -c before
}

@test "offers that are missing, doubled, foreign or of other terms, by the name of their party" {
    out="qf-keygen: error:"
    for command in public "accept --state p1"; do
        expect_error 76 "$out the offer of party 4 is missing" \
            bash -c "cat offer[1235].qf | qf-keygen $command"
        expect_error 76 "$out the offer of party 3: it offers twice" \
            bash -c "cat offer?.qf offer3.qf | qf-keygen $command"
        # Of another roster: party 3 is someone else there.
        qf-keygen identity --state fake3 --party 3 > fake.id
        for i in 1 2 4 5; do qf-keygen identity --state p$i --party $i; done | cat - fake.id > fake-roster.qf
        qf-keygen offer --state fake3 --roster fake-roster.qf --threshold 3 > fake3.qf
        expect_error 76 "$out the offer of party 3: terms: another roster" \
            bash -c "cat offer1.qf fake3.qf offer[245].qf | qf-keygen $command"
        qf-keygen offer --state p5 --roster roster.qf --threshold 2 > low5.qf
        expect_error 76 "$out the offer of party 5: terms: threshold is 2, not 3" \
            bash -c "cat offer[1234].qf low5.qf | qf-keygen $command"
        qf-keygen offer --state p5 --roster roster.qf --threshold 3 --parameters paper > large5.qf
        run bash -c "cat offer[1234].qf large5.qf | qf-keygen $command"
        [ "$status" -eq 76 ] && [[ "$output" == "$out standard input: degree 8192"* ]]
    done
    # All offers of a ceremony that this party had no part in.
    make_others() { qf-keygen offer --state p$1 --roster roster.qf --threshold 3 --generation 7; }
    for i in 2 3 4 5; do make_others $i; done > some
    { make_others 1; cat some; } > all
    rm p1/offered-*
    expect_error 77 "$out p1: party 1 made no offer on these terms here" \
        bash -c "qf-keygen accept --state p1 < all"
    expect_error 76 "$out the offer of party 1 is missing" bash -c "qf-keygen accept --state p1 < some"
    qf-keygen identity --state p6 --party 6 > id6
    expect_error 76 "$out party 6 is not of the committee" bash -c "qf-keygen accept --state p6 < offers"
}

@test "an offer with a bit flipped anywhere, as an attacker would who mends the digest" {
    for at in $(places offer2.qf); do
        cp offer2.qf bad2.qf
        flip bad2.qf $at
        for mended in no yes; do
            [ $mended = no ] || mend bad2.qf
            run bash -c "cat offer1.qf bad2.qf offer[345].qf | qf-keygen accept --state p1"
            case $status in 65 | 76 | 77) ;; *) echo "at $at: $status $output"; return 1 ;; esac
            [ "${#lines[@]}" -eq 1 ]
        done
    done
    # In a share, where no field is malformed by it.
    expect_error 77 "qf-keygen: error: the offer of party 2: the signature is not right" \
        bash -c "cat offer1.qf bad2.qf offer[345].qf | qf-keygen public > out"
}

@test "shares sealed with keys that qf-qkd made" {
    mkdir q && cd q
    for i in 1 2 3; do qf-keygen identity --state p$i --party $i; done > roster.qf
    offer() { qf-keygen offer --state p$1 --roster roster.qf --threshold 2 --link qkd > offer$1.qf; }
    expect_error 77 "qf-keygen: error: no key left for party 2: make some with qf-qkd" offer 1
    for pair in "1 2" "1 3" "2 3" "2 1" "3 1" "3 2"; do
        set -- $pair
        qf-qkd enrol --state p$1 --peer-state p$2
        qf-qkd simulate --state p$1 --peer-state p$2 > /dev/null
    done
    for i in 1 2 3; do offer $i; done
    cat offer?.qf > offers
    # Opened and spent; again does nothing, and does not miss the keys.
    for again in 1 2; do
        for i in 1 2 3; do qf-keygen accept --state p$i < offers; done
    done
    [ "$(qf-keys list --state p1 | grep -c ' used')" -eq 4 ]
    qf-keygen public < offers > public.qf
    cp ../m?.model .
    contribute 1 2 3
    answer 1,3 1 3
    qf-combine --ciphertext sum.qf answers > model.qf
    cat m[123].model | qf-aggregate --weights 1,2,3 > plain.model
    cmp <(numbers_of model.qf) <(numbers_of plain.model)
}

@test "a second set, an update in a second sum, too few contributors" {
    contribute 1 2 3 4 5
    answer 1,2,3 1
    # The same bytes for the same request; the order of the set is nothing.
    qf-decrypt --state p1 --set 1,2,3 contributions | cmp - d1.qf
    expect_error 77 "qf-decrypt: error: this sum was answered for the set 1,2,3: another round, freshly encrypted, may have another set" \
        bash -c 'qf-decrypt --state p1 --set 1,2,4 contributions > out'
    [ ! -s out ]
    cat c[1234].qf > fewer
    expect_error 77 "qf-decrypt: error: the contribution of party 1 is in a sum that was answered before: the difference of two sums would show it" \
        bash -c 'qf-decrypt --state p1 --set 1,2,3 fewer > out'
    contribute 1 2 3
    expect_error 77 "qf-decrypt: error: a sum of 3 contributors, the key's terms ask for 4" \
        bash -c 'qf-decrypt --state p1 --set 1,2,3 contributions > out'
    # None of these requests stands in the journal.
    [ "$(wc -l < "$(echo p1/answers-*)")" -eq 2 ]
    contribute 1 2 3 4 5
    answer 1,2,4 1
    expect_error 64 'qf-decrypt: error: "1,2" is no set: give 3 of the parties 1 to 5' \
        qf-decrypt --state p1 --set 1,2 contributions
    expect_error 64 'qf-decrypt: error: party 1 is not in the set' qf-decrypt --state p1 --set 2,3,4 contributions
}

@test "a key that is spent" {
    mkdir spent && cd spent
    make_committee 2 2 --decryptions 2
    cp ../m?.model .
    for round in 1 2; do contribute 1 2; answer 1,2 1; done
    contribute 1 2
    expect_error 77 "qf-decrypt: error: the key has answered for 2 of its 2 ciphertexts, and this sum has 1: make a key of the next generation" \
        bash -c 'qf-decrypt --state p1 --set 1,2 contributions > out'
    # The next generation goes beside it.
    for i in 1 2; do qf-keygen offer --state p$i --roster roster.qf --threshold 2 --generation 2; done > next
    for i in 1 2; do qf-keygen accept --state p$i < next; done
    qf-keygen public < next > public.qf
    contribute 1 2
    answer 1,2 1 2
    qf-combine --ciphertext sum.qf answers | qf-view --check
}

@test "contributions that are altered, unsigned, of another key or out of the roster" {
    contribute 1 2 3 4 5
    for at in $(places c3.qf); do
        cp c3.qf bad3.qf
        flip bad3.qf $at
        for mended in no yes; do
            [ $mended = no ] || mend bad3.qf
            run bash -c 'cat c[12].qf bad3.qf c[45].qf | qf-decrypt --state p1 --set 1,2,3 > out'
            case $status in 65 | 76 | 77) ;; *) echo "at $at: $status $output"; return 1 ;; esac
            [ "${#lines[@]}" -eq 1 ] && [ ! -s out ]
        done
    done
    qf-encrypt --key public.qf --party 3 m3.model > unsigned.qf
    run bash -c 'cat c[12].qf unsigned.qf c[45].qf | qf-decrypt --state p1 --set 1,2,3 > out'
    [ "$status" -eq 77 ] && [[ "$output" == *"party 3"* ]]
    mkdir other && cd other && make_committee 5 3 && cd ..
    for i in 1 2 3 4 5; do qf-encrypt --key other/public.qf --state other/p$i m$i.model; done > others
    expect_error 76 "qf-decrypt: error: p1: no share of the key of these contributions" \
        bash -c 'qf-decrypt --state p1 --set 1,2,3 others > out'
    [ "$(wc -l < "$(echo p1/answers-*)")" -eq 1 ]
}

@test "answers that are missing, doubled, replayed, for another sum, set or key" {
    out="qf-combine: error:"
    contribute 1 2 3 4 5
    answer 1,2,3 1 2 3
    mkdir old && mv d?.qf old/ && cp sum.qf old/
    contribute 1 2 3 4 5
    answer 1,2,3 1 2
    answer 2,3,4 3
    expect_error 76 "$out the answer of party 3 is missing" \
        bash -c 'cat d1.qf d2.qf | qf-combine --ciphertext sum.qf > model.qf'
    expect_error 76 "$out party 2 answers twice" \
        bash -c 'cat d1.qf d2.qf d2.qf | qf-combine --ciphertext sum.qf > model.qf'
    expect_error 76 "$out the answer of party 3: it is for another sum" \
        bash -c 'cat d1.qf d2.qf old/d3.qf | qf-combine --ciphertext sum.qf > model.qf'
    expect_error 76 "$out the answer of party 3: it is for another set" \
        bash -c 'cat d1.qf d2.qf d3.qf | qf-combine --ciphertext sum.qf > model.qf'
    expect_error 76 "$out the answer of party 1: it is for another sum" \
        bash -c 'cat old/d?.qf | qf-combine --ciphertext sum.qf > model.qf'
    [ ! -s model.qf ]
    cat old/d?.qf | qf-combine --ciphertext old/sum.qf | qf-view --check
}

@test "an answer with a bit flipped anywhere, and a mended digest" {
    contribute 1 2 3 4 5
    answer 1,2,3 1 2 3
    for at in $(places d2.qf); do
        cp d2.qf bad.qf
        flip bad.qf $at
        for mended in no yes; do
            [ $mended = no ] || mend bad.qf
            run bash -c 'cat d1.qf bad.qf d3.qf | qf-combine --ciphertext sum.qf > model.qf'
            case $status in 65 | 76 | 77) ;; *) echo "at $at: $status $output"; return 1 ;; esac
            [ "${#lines[@]}" -eq 1 ] && [ ! -s model.qf ]
        done
    done
    # A sum that somebody altered is not the one that was answered for.
    size=$(stat -c %s sum.qf)
    for at in $((size / 4)) $((size / 2)) $((3 * size / 4)); do
        cp sum.qf bad.qf
        flip bad.qf $at
        mend bad.qf
        run bash -c 'qf-combine --ciphertext bad.qf answers > model.qf'
        case $status in 65 | 76 | 77) ;; *) echo "at $at: $status $output"; return 1 ;; esac
        [ "${#lines[@]}" -eq 1 ] && [ ! -s model.qf ]
    done
}

@test "killed between journal and answer: the request stands, and has its answer when asked again" {
    contribute 1 2 3 4 5
    # A pipe that nobody empties holds fewer bytes than an answer: the writer waits, killed there.
    mkfifo pipe
    exec 9<> pipe
    head -c 65536 /dev/zero >&9
    qf-decrypt --state p1 --set 1,2,3 contributions > pipe &
    while [ "$(wc -l < "$(echo p1/answers-*)")" -lt 2 ]; do sleep 0.05; done
    kill -9 $!
    wait $! || true
    exec 9>&-
    expect_error 77 "qf-decrypt: error: this sum was answered for the set 1,2,3: another round, freshly encrypted, may have another set" \
        bash -c 'qf-decrypt --state p1 --set 1,2,5 contributions > out'
    answer 1,2,3 1 2 3
    qf-combine --ciphertext sum.qf answers | qf-view --check
    qf-decrypt --state p1 --set 1,2,3 contributions | cmp - d1.qf
}

@test "no room for the journal: no answer, and the journal is as before" {
    contribute 1 2 3 4 5
    cp p1/answers-* before
    # No file grows; SIGXFSZ is ignored, so that writing fails as on a full disk. A pipe is no file.
    run bash -c "trap '' XFSZ; ulimit -f 0; qf-decrypt --state p1 --set 1,2,3 contributions | wc -c"
    [[ "${lines[0]}" == "qf-decrypt: error: answers-"*": File too large" ]]
    [ "${lines[1]}" = 0 ]
    cmp p1/answers-* before
    answer 1,2,4 1
}

@test "state that others may read, that is damaged or gone" {
    contribute 1 2 3 4 5
    key=$(echo p1/key-*) journal=$(echo p1/answers-*)
    refuses() {
        run bash -c 'qf-decrypt --state p1 --set 1,2,3 contributions > out'
        [ "$status" -eq "$1" ] && [ "${#lines[@]}" -eq 1 ] && [[ "$output" == *"$2"* ]] && [ ! -s out ] && return
        echo "$status: $output"
        return 1
    }
    chmod 640 "$key"
    refuses 77 "others may read"
    chmod 600 "$key"
    chmod 750 p1
    refuses 77 "others may read"
    chmod 700 p1
    chmod 644 "$journal"
    refuses 77 "others may read"
    chmod 600 "$journal"
    # The terms in the key's file are not those of the contributions any more.
    cp "$key" saved
    flip "$key" 60
    refuses 65 damaged || refuses 76 terms
    flip "$key" 300
    refuses 65 damaged
    truncate -s 400 "$key"
    refuses 65 damaged
    cat saved > "$key"
    cp "$journal" kept
    flip "$journal" 20
    refuses 65 "line 1 is damaged: nothing is answered any more"
    rm "$journal"
    refuses 77 "the journal of this key is gone"
    cat kept > "$journal" && chmod 600 "$journal"
    qf-decrypt --state p1 --set 1,2,3 contributions | qf-view --check
}

@test "usage" {
    expect_error 64 "qf-keygen: error: offer needs --state, --roster and --threshold" qf-keygen offer --state p1
    expect_error 64 "qf-keygen: error: accept needs --state" qf-keygen accept
    expect_error 64 'qf-keygen: error: expected identity, offer, accept or public, got "share"' qf-keygen share
    expect_error 64 "qf-keygen: error: terms: threshold is 6, not from 1 to 5" \
        bash -c 'qf-keygen offer --state p1 --roster roster.qf --threshold 6 > out'
    expect_error 76 "qf-keygen: error: the roster has 5 parties" \
        bash -c 'qf-keygen offer --state p1 --roster roster.qf --threshold 2 --parties 6 > out'
    run bash -c 'qf-keygen offer --state p1 --roster roster.qf --threshold 2 --statistical-bits 60 > out'
    [ "$status" -eq 65 ] && [[ "$output" == *"no room"* ]]
    expect_error 64 "qf-decrypt: error: give --state and --set" qf-decrypt --state p1
    expect_error 64 "qf-combine: error: give --ciphertext" qf-combine
    qf-keygen identity --state p6 --party 6 | cat roster.qf - > larger.qf
    run bash -c 'qf-keygen offer --state p6 --roster larger.qf --threshold 2 --parties 5 > out'
    [ "$status" -eq 76 ] && [[ "$output" == *"party 6: not one of the committee's parties 1 to 5" ]] || { echo "$output"; return 1; }
}
