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
