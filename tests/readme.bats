# The README's pipeline is run as it stands, so that it cannot rot.
load helper

setup() {
    setup_directory
}

@test "the pipeline by hand" {
    mkdir data && cp "$QF_ROOT/data/sample.csv" data/
    awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$QF_ROOT/README.md" > pipeline.sh
    [ "$(wc -l < pipeline.sh)" -ge 8 ]
    run bash -e -o pipefail pipeline.sh
    [ "$status" -eq 0 ]
    [[ "$output" == *forest* ]]
    [[ "$output" == *"type: scores"* ]]
    [[ "$output" == *"qf-train-classic"*"--model=forest"* ]]
}

@test "every tool is in the table of tools" {
    for tool in "$QF_ROOT"/tools/*.c; do
        grep -q "\`$(basename "$tool" .c)\`" "$QF_ROOT/README.md"
    done
}

@test "the commands of the section on quantum networks" {
    qf-synth --rows 400 --columns 10 --seed 3 > table.qf
    for part in train test; do
        qf-split --test 0.25 --emit $part --seed 6 < table.qf > raw.qf
        if [ $part = train ]; then
            qf-scale --fit log-standard --clip 3 --save scaler.qf < raw.qf > train.qf
        else
            qf-scale --apply scaler.qf < raw.qf > test.qf
        fi
    done
    cp train.qf more.qf
    qf-circuit export --circuit sim9 > mine.qasm
    awk '/^## / { section = /^## Quantum networks/ } section && /^```$/ { inside = !inside; next } section && inside' \
        "$QF_ROOT/README.md" > commands.sh
    [ "$(wc -l < commands.sh)" -ge 12 ]
    run bash -e -o pipefail commands.sh
    [ "$status" -eq 0 ] || { tail -5 <<< "$output"; return 1; }
    [[ "$output" == *'RX(x0)─RY('*'<Z>'* ]]
    [ "$(grep -c '^measure' row25.qasm)" -eq 4 ]
    [ "$(grep -c '"array":"\(weights\|biases\)_' model.jsonl)" -eq 5 ]
    qf-view --check next.qf
    # What it says of circuits: independent weights, and what plateaus.
    grep -q '10 of the 21 of the paper' "$QF_ROOT/README.md"
    value() { qf-circuit --diagnose --pairs 10 "$@" | awk -v name="$field" '$1 == name { print $2 }'; }
    field=jacobian_rank
    [ "$(value --circuit short --most-wires 0) $(value --circuit long --most-wires 0)" = '10 19' ]
    field=gradient_slope
    slopes="$(value --circuit sim14 --layers 2 --most-wires 11) $(value --circuit sim14 --layers 2 --most-wires 11 --measure 'pauli:Z*') \
$(value --circuit strong --layers 5 --most-wires 11)"
    awk '{ exit !($1 > -0.6 && $2 < -0.8 && $3 < -0.8) }' <<< "$slopes"
}
