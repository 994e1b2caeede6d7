# Mutated streams of every type go through every decoder; `make sanitize` does the same with the sanitizers.
load helper

setup() {
    setup_directory
    qf-synth --rows 60 --columns 6 > table.qf
    qf-audit --fix < table.qf > clean.qf 2> /dev/null || true
    qf-scale --fit standard --save standard.qf < clean.qf > scaled.qf
    qf-scale --fit quantile --save quantile.qf < clean.qf > /dev/null
    qf-smote --quiet < clean.qf > smote.qf
    for model in dummy tree; do qf-train-classic --model $model < smote.qf > $model.qf; done
    qf-train-classic --model forest --set trees=3 < smote.qf > forest.qf
    qf-predict --model tree.qf < clean.qf > scores.qf
    qf-score < scores.qf > metrics.qf
}

@test "no mutant harms a decoder" {
    run "$QF_BUILD/tests/fuzz_streams" 400 ./*.qf
    [ "$status" -eq 0 ]
    [[ "$output" == *"mutants of"* ]]
}
