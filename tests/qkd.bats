# qf-qkd: BB84 as one process and as several, with and without an enemy on the line.
load helper

setup() {
    setup_directory
    for p in 1 2; do qf-keygen identity --state p$p --party $p > /dev/null; done
}

value() { # NAME FILE
    sed -n "s/^$1 //p" "$2"
}

# between EVE...: alice and bob as processes, what stands between them being a command; exit codes in alice and bob.
between() {
    mkfifo to-alice to-bob
    (qf-qkd alice --state p1 --peer 2 --pulses 32768 < to-alice 2> alice.log && code=0 || code=$?; echo $code > alice) | "$@" > to-bob &
    local code=0
    qf-qkd bob --state p2 --peer 1 < to-bob > to-alice 2> bob.log || code=$?
    echo $code > bob
    wait
    rm to-alice to-bob
}

@test "a simulation says what it did; the same seed, published, the same every time" {
    qf-qkd simulate --seed 5 --loss 0.2 --misalignment 0.02 --dark-counts 1e-4 --published > a
    qf-qkd simulate --seed 5 --loss 0.2 --misalignment 0.02 --dark-counts 1e-4 --published | cmp - a
    [ "$(cut -d' ' -f1 a | tr '\n' ' ')" = "photons clicks sifted sample sample_errors error_rate raw corrected leaked final security " ]
    [ "$(value photons a)" -eq 65536 ]
    [ "$(value final a)" -eq $((2 * 256 + 384)) ]
    [ $(($(value sample a) + $(value raw a))) -eq "$(value sifted a)" ]
    [ "$(value security a)" = 2e-10 ]
}

@test "an eavesdropper is found: a quarter of what she measures is wrong" {
    run qf-qkd simulate --misalignment 0 --eavesdrop 1
    [ "$status" -eq 77 ]
    echo "$output" > all
    [[ "$output" == *"no key (someone listens, or the channel is bad)" ]]
    [ "$(value final all)" -eq 0 ]
    awk '/^error_rate/ { found = 1; exit !($2 > 0.24 && $2 < 0.26) } END { exit !found }' all
    run qf-qkd simulate --misalignment 0 --eavesdrop 0.4
    [ "$status" -eq 77 ]
    # Without her the same channel gives a key.
    qf-qkd simulate --misalignment 0 > /dev/null
    run qf-qkd simulate --pulses 5000
    [ "$status" -eq 77 ]
    [[ "$output" == *"sifted bits leave"*"no key" ]]
}

@test "two processes over a pair of pipes make the same keys" {
    qf-qkd enrol --state p1 --peer-state p2
    between cat
    [ "$(cat alice bob)" = "$(printf '0\n0')" ]
    qf-keys list --state p1 | cut -d' ' -f1 > ids
    cmp ids <(qf-keys list --state p2 | cut -d' ' -f1)
    [ "$(wc -l < ids)" -eq 2 ]
    [ "$(qf-keys list --state p1 | cut -d' ' -f3,4 | tr '\n' ' ')" = "send new receive new " ]
    for p in 1 2; do
        qf-keys take --state p$p --peer $((3 - p)) --into out$p $([ $p = 2 ] && echo --key-id "$(head -1 ids)") > /dev/null
    done
    cmp <(qf-view --show records out1/key.qf) <(qf-view --show records out2/key.qf)
}

@test "eve between the processes: no keys on either side" {
    qf-qkd enrol --state p1 --peer-state p2
    between qf-qkd eve --eavesdrop 0.5
    [ "$(cat alice bob)" = "$(printf '77\n77')" ]
    # Photons left alone and a message forged: found by the tags at the latest.
    for number in 3 4 6; do
        between qf-qkd eve --forge $number
        [ "$(cat alice bob | sort -u)" = 77 ]
    done
    [ "$(qf-keys list --state p1; qf-keys list --state p2)" = "" ]
    between qf-qkd eve
    [ "$(cat alice bob | sort -u)" = 0 ]
}

@test "a recorded session is no good in another" {
    qf-qkd enrol --state p1 --peer-state p2
    between tee recording
    [ "$(cat bob)" -eq 0 ]
    qf-keys list --state p2 > before
    run bash -c 'qf-qkd bob --state p2 --peer 1 < recording > answers'
    [ "$status" -eq 77 ]
    qf-keys list --state p2 | cmp - before
}

@test "enrolment by courier; a second enrolment replaces what is left" {
    qf-qkd enrol --state p1 --peer 2 --into courier
    [ "$(stat -c %a courier/link.qf)" = 600 ]
    qf-qkd enrol --state p2 --peer 1 --from courier/link.qf
    between cat
    [ "$(cat bob)" -eq 0 ]
    qf-qkd enrol --state p1 --peer 2 --into courier # and the peer still has the old one
    between cat
    [ "$(cat alice bob | sort -u)" = 77 ]
    grep -q "tag is wrong" bob.log
    head -c -1 courier/link.qf > cut.qf
    run qf-qkd enrol --state p2 --peer 1 --from cut.qf
    [ "$status" -eq 65 ]
}

@test "parties that do not fit together" {
    qf-keygen identity --state p3 --party 3 > /dev/null
    expect_error 66 "qf-qkd: error: p1: not enrolled with party 2 (qf-qkd enrol)" qf-qkd alice --quiet --state p1 --peer 2
    qf-qkd enrol --state p1 --peer-state p2
    qf-qkd enrol --state p3 --peer-state p2
    mkfifo to-alice
    run bash -c 'qf-qkd alice --quiet --state p3 --peer 2 < to-alice 2> /dev/null | qf-qkd bob --quiet --state p2 --peer 1 > to-alice'
    [ "$status" -eq 76 ]
    [ "$output" = "qf-qkd: error: party 3 wants a key with party 2, but this is party 2 expecting party 1" ]
    run bash -c 'qf-qkd alice --quiet --tolerate 0.1 --state p1 --peer 2 < to-alice 2> /dev/null | qf-qkd bob --quiet --state p2 --peer 1 > to-alice'
    [ "$status" -eq 76 ]
    expect_error 76 "qf-qkd: error: party 1 cannot share a secret with itself" qf-qkd enrol --state p1 --peer-state p1
    head -c 3000 /dev/urandom > garbage
    for input in /dev/null garbage; do
        run bash -c "qf-qkd bob --quiet --state p2 --peer 1 < $input > out"
        [ "$status" -eq 65 ]
        [ "${#lines[@]}" -eq 1 ]
    done
}

@test "options that make no sense" {
    expect_error 64 'qf-qkd: error: expected enrol, simulate, alice, bob or eve, got "mallory"' qf-qkd mallory
    expect_error 64 "qf-qkd: error: alice needs --state and one of --peer and --peer-state" qf-qkd alice --peer 2
    expect_error 64 "qf-qkd: error: enrol needs --peer-state, --into or --from" qf-qkd enrol --state p1 --peer 2
    expect_error 64 "qf-qkd: error: --published is for simulate without --state" \
        qf-qkd simulate --published --state p1 --peer-state p2
    run qf-qkd alice --state p1 --peer-state p2
    [ "$status" -eq 64 ]
}
