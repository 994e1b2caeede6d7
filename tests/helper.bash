# What every bats file loads: our tools first on the PATH, a directory of its own for every test.
QF_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in
/*) QF_BUILD=$BUILD ;;
*) QF_BUILD=$QF_ROOT/$BUILD ;;
esac
PATH=$QF_BUILD/bin:$PATH
export LC_ALL=C
unset QF_SIMD MAKEFLAGS MFLAGS MAKELEVEL

# Goes to a fresh directory that bats removes.
setup_directory() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

# Sets BANK_CSV to the real data set, which is not part of the project; skips the test where it is not there.
require_bank_csv() {
    BANK_CSV=${QF_BANK_CSV:-$QF_ROOT/../shared/data/bank.csv}
    [ -r "$BANK_CSV" ] || skip "bank.csv is not here (set QF_BANK_CSV to its path)"
}

# expect_error CODE LINE COMMAND...: the command fails with exactly this code and this one line.
expect_error() {
    local code=$1 line=$2
    shift 2
    run "$@"
    [ "$status" -eq "$code" ] && [ "$output" = "$line" ] && return
    printf 'expected %s: %s\ngot      %s: %s\n' "$code" "$line" "$status" "$output"
    return 1
}

# mend FILE: a stream that was altered gets the digest of what it now is, as an attacker would.
mend() {
    head -c -32 "$1" > "$1.body"
    { cat "$1.body"; sha256sum < "$1.body" | cut -d' ' -f1 | xxd -r -p; } > "$1"
    rm "$1.body"
}

# flip FILE OFFSET: flips the lowest bit of a byte.
flip() {
    printf "\\x$(printf %02x $((0x$(xxd -p -s "$2" -l 1 "$1") ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# make_committee N T [OPTION...]: parties 1 to N with states p1 to pN, their roster, offers and public key, of which any T
# decrypt. OPTIONs are those of qf-keygen offer.
make_committee() {
    local parties=$1 threshold=$2 i
    shift 2
    for ((i = 1; i <= parties; i++)); do qf-keygen identity --state p$i --party $i; done > roster.qf
    for ((i = 1; i <= parties; i++)); do
        qf-keygen offer --state p$i --roster roster.qf --threshold "$threshold" "$@" > offer$i.qf
    done
    cat offer*.qf > offers
    for ((i = 1; i <= parties; i++)); do qf-keygen accept --state p$i < offers; done
    qf-keygen public < offers > public.qf
}
