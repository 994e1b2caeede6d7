# qf-circuit --diagnose and make circuits.
bats_require_minimum_version 1.5.0
load helper

setup() {
    setup_directory
}

value() { # NAME FILE
    sed -n "s/^$1 //p" "$2"
}

@test "the paper's circuits: ranks 10 and 19, a line a number" {
    qf-circuit --diagnose --circuit short --most-wires 0 --pairs 200 > short
    qf-circuit --diagnose --circuit long --most-wires 0 --pairs 200 > long
    [ "$(cut -d' ' -f1 short | xargs)" = "circuit map layers wires inputs outputs weights live pairs expressibility \
entanglement entanglement_error jacobian_rank fisher_rank quantum_fisher_rank observable draws gradient_variance \
gradient_variance_error" ]
    [ "$(value jacobian_rank short) $(value fisher_rank short)" = "10 10" ]
    [ "$(value jacobian_rank long) $(value fisher_rank long)" = "19 19" ]
    [ "$(value observable short)" = Z0 ]
    qf-circuit --stats --diagnose --circuit sim1 --most-wires 0 --pairs 50 > both
    [ "$(value live both | xargs)" = "4 4" ]
    awk -v q="$(value entanglement both)" 'BEGIN { exit !(q ^ 2 < 1e-28) }'
}

# The derivative of the product of n cosines has the variance 2^-n: a plateau by construction.
@test "gradients over wires: no slope on one wire, -1 on all" {
    qf-circuit --diagnose --circuit sim1 --measure 'pauli:ZI*' --most-wires 7 --draws 1000 --pairs 10 > local
    qf-circuit --diagnose --circuit sim1 --measure 'pauli:Z*' --most-wires 7 --draws 1000 --pairs 10 > all
    [ "$(value sweep_wires all)" = "2 3 4 5 6 7" ]
    [ "$(value observable all)" = "Z0 Z1 Z2 Z3" ]
    awk -v l="$(value gradient_slope local)" -v g="$(value gradient_slope all)" \
        'BEGIN { exit !(l ^ 2 < 0.03 ^ 2 && (g + 1) ^ 2 < 0.1 ^ 2) }'
    qf-circuit --diagnose --circuit sim1 --measure z:0,2 --least-wires 3 --most-wires 4 --pairs 10 > from
    [ "$(value sweep_wires from)" = "3 4" ]
}

@test "a seed fixes every byte, threads change none" {
    qf-circuit --diagnose --circuit strong --most-wires 5 --draws 30 --pairs 300 --to metrics --threads 1 > one
    qf-circuit --diagnose --circuit strong --most-wires 5 --draws 30 --pairs 300 --to metrics --threads 3 | cmp - one
    qf-view --check one
    qf-circuit --diagnose --circuit strong --most-wires 5 --draws 30 --pairs 300 --to metrics --seed 2 > two
    [ "$(qf-report --to csv --columns expressibility one)" != "$(qf-report --to csv --columns expressibility two)" ]
    [ "$(qf-report --to csv --columns circuit,layers,wires,weights one | tail -1)" = "strong,1,4,12" ]
    qf-circuit --diagnose --circuit strong --most-wires 5 --draws 30 --pairs 300 > text
    awk -v a="$(value gradient_slope text)" -v b="$(qf-report --to csv --columns gradient_slope one | tail -1)" \
        'BEGIN { exit !((a - b) ^ 2 < 1e-10) }'
}

@test "a report of circuits by themselves" {
    for circuit in strong long; do
        qf-circuit --diagnose --circuit $circuit --most-wires 5 --draws 30 --pairs 300 --to metrics
    done > both
    qf-circuit export --circuit long --measure z:0,1,2 > long.qasm
    qf-circuit --diagnose --inputs 'x*' --pairs 50 --to metrics long.qasm >> both
    qf-report both > report
    [ "$(sed -n '3,6p' report | awk '{ print $1, $(NF - 4), $(NF - 2) }' | xargs)" = \
"Circuit Weights Independent strong 12 8 long 33 19 (a 33 19" ]
    [ "$(grep -c 'Z0 *[23] to 5' report)" -eq 2 ]
    run ! grep -q '─' report
    # Drawings are folded away in a page.
    qf-report --to html both > page
    [ "$(grep -c '<details><summary>\(strong\|long\)' page)" -eq 2 ]
}

@test "usage" {
    expect_error 64 'qf-circuit: error: diagnostics of 17 wires: 16 at most' qf-circuit --diagnose --circuit strong --wires 17
    expect_error 64 'qf-circuit: error: --to metrics goes with --diagnose alone' qf-circuit --stats --circuit strong --to metrics
    expect_error 64 'qf-circuit: error: --diagnose goes --to text or metrics' qf-circuit --diagnose --circuit strong --to qasm3
    expect_error 64 'qf-circuit: error: --diagnose goes without "draw"' qf-circuit draw --diagnose --circuit strong
    # A circuit from elsewhere has no other widths.
    qf-circuit export --circuit long --measure z:0,1,2 > long.qasm
    qf-circuit --diagnose --inputs 'x*' --pairs 50 long.qasm > lines
    [ "$(value jacobian_rank lines) $(value sweep_wires lines)" = "19 " ]
    expect_error 64 "qf-circuit: error: the sweep's circuit of 2 wires: measurement: \"2\" is not a wire from 0 to 1" \
        qf-circuit --diagnose --circuit strong --measure z:2 --pairs 10
    expect_error 64 'qf-circuit: error: "ZZZZZ*" is not a Pauli string: expected 4 letters of I, X, Y and Z' \
        qf-circuit draw --circuit strong --measure 'pauli:ZZZZZ*'
    [ "$(qf-circuit draw --circuit sim1 --wires 3 --measure 'pauli:XZ*' | tail -1)" = '<XZZ>' ]
}

@test "make circuits: each circuit against its twin, and what predicts it" {
    qf-synth --rows 500 --columns 12 --seed 5 | qf-export --to csv > data.csv
    experiment() {
        make --no-print-directory -C "$QF_ROOT" BUILD="$BUILD" circuits DATA="$PWD/data.csv" OUT="$PWD/out" \
            SEEDS="1 2 3" CIRCUITS="sim9 long" DEPTHS=1 PLATEAUS=sim2 "$@"
    }
    run experiment
    [ "$status" -eq 0 ] || { tail -n 20 <<< "$output"; return 1; }
    flat=${output//$'\n'/ } # paragraphs are wrapped
    [[ "$flat" == *"Of 2 circuits, each against its dense twin of about as many live weights on 3 splits"* ]]
    [[ "$flat" == *"1 circuit has fewer live weights than the smallest twin, one hidden unit with 13: there the twin has"* ]]
    [[ "$flat" == *"No weight of sim9-1 moves what is measured: it cannot learn"* ]]
    grep -qE '^sim2 +1  Z0 Z1 Z2 Z3  2 to 16 +0\.[0-9]{3}  -[0-9.]+ +0\.[0-9]{3}$' <<< "$output"
    [[ "$flat" == *"an interval takes eight circuits"* ]]
    [ "$(tail -n +2 out/circuits.csv | cut -d, -f1-4 | sort | xargs)" = "long,1,dense,1 long,1,dense,2 long,1,dense,3 \
long,1,full,1 long,1,full,2 long,1,full,3 sim9,1,dense,1 sim9,1,dense,2 sim9,1,dense,3 sim9,1,full,1 sim9,1,full,2 \
sim9,1,full,3" ]
    # Nothing is wrong with the protocol: no violations.
    [ "$(tail -n +2 out/circuits.csv | cut -d, -f13 | tr -d '\n')" = "" ]
    grep -q '<svg' out/circuits.html
    grep -q 'binary logarithm of the variance' out/circuits.html
    # The score is the mean of the seeds'.
    awk -F, -v mean="$(qf-report --to csv --columns first,first_mean out/circuits.comparisons.qf | sed -n 's/^long-1,//p')" \
        '$1 == "long" && $3 == "full" { sum += $5 } END { exit !((sum / 3 - mean) ^ 2 < 1e-24) }' out/circuits.csv
    run experiment
    [[ "$output" != *"train long-1"* ]]

    # What does not fit together.
    expect_error 65 'qf-report: error: out/circuits.comparisons.qf: its metrics are not of qf-circuit --diagnose' \
        qf-report --circuits out/circuits.comparisons.qf out/circuits.comparisons.qf
    expect_error 76 'qf-report: error: diagnoses of circuits go with comparisons of circuits and their twins' \
        qf-report --circuits out/circuits.diagnoses.qf out/circuits.qf
    expect_error 76 'qf-report: error: no diagnosis of the circuit "long-1"' \
        qf-report --circuits out/circuits/sim9-1.diagnosis.qf out/circuits.comparisons.qf
}

@test "make circuits: variables that make no sense" {
    run make --no-print-directory -C "$QF_ROOT" BUILD="$BUILD" circuits OUT="$PWD/out" DEPTHS="1 0"
    [ "$status" -eq 2 ]
    [[ "$output" == *"DEPTHS=1 0: expected whole numbers from 1 to 999"* ]]
    run make --no-print-directory -C "$QF_ROOT" BUILD="$BUILD" circuits OUT="$PWD/out" CIRCUITS="sim1 sim1"
    [[ "$output" == *"CIRCUITS=sim1 sim1: a word stands twice"* ]]
}
