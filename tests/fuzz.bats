# Mutated streams of every type go through every decoder; `make sanitize` does the same with the sanitizers.
load helper

setup() {
    setup_directory
    qf-synth --rows 60 --columns 6 > table.qf
    qf-audit --fix < table.qf > clean.qf 2> /dev/null || true
    qf-scale --fit standard --save standard.qf < clean.qf > scaled.qf
    qf-scale --fit quantile --save quantile.qf < clean.qf > /dev/null
    qf-smote --quiet < clean.qf > smote.qf
    for by in pca anova; do qf-reduce --to 2 --by $by --save $by.qf < clean.qf > /dev/null; done
    # A few trees, rounds or epochs are as good as many, and faster to mutate.
    for model in $(qf-train-classic --list | sed -n 's/^\([a-z-]*\): .*/\1/p'); do
        few=$(qf-train-classic --list --model "$model" | sed -nE 's/^  (trees|estimators|rounds|epochs)=.*/--set \1=3/p')
        qf-train-classic --model "$model" $few < smote.qf > "$model.qf"
    done
    qf-circuit export --circuit sim9 --map zz --wires 2 | qf-circuit import --measure pauli:XY,ZZ > circuit.qf
    qf-train-qnn --layers 2 --circuit-file circuit.qf --epochs 1 < smote.qf > qnn-file.qf
    for method in platt isotonic; do
        qf-train-classic --model dummy --set strategy=prior --prior 0.1 --calibrate $method --judge clean.qf < smote.qf > $method.qf
    done
    qf-train-classic --model tree --grid alpha=0,0.1 --curve curve.qf < smote.qf > /dev/null
    qf-predict --model tree.qf < clean.qf > scores.qf
    qf-score < scores.qf > metrics.qf
    "$QF_BUILD/tests/ckks_streams" .
}

@test "no mutant harms a decoder" {
    run "$QF_BUILD/tests/fuzz_streams" 400 ./*.qf
    [ "$status" -eq 0 ]
    [[ "$output" == *"mutants of"* ]]
}

@test "no mutant harms the privacy tools' decoders" {
    for p in m r; do qf-keygen identity --state $p --party 2 > $p.identity; done
    qf-keygen identity --state p1 --party 1 > p1.identity
    qf-qkd enrol --state p1 --peer-state m --into out
    qf-qkd simulate --state p1 --peer-state m > /dev/null
    qf-share --threshold 1 --parties 2 --into s tree.qf
    for p in 1 2; do cat s/share-1.qf; done > pair.share
    cat p1.identity r.identity > roster
    qf-seal --state p1 --to 2 --roster roster curve.qf > sealed
    cp m/identity m/keys m/link-1 .
    run "$QF_BUILD/tests/fuzz_crypto" 400 stream r.identity s/share-1.qf pair.share sealed out/link.qf
    [ "$status" -eq 0 ]
    run "$QF_BUILD/tests/fuzz_crypto" 400 state identity keys link-1
    [ "$status" -eq 0 ]
    # What the two said to each other, with photons between.
    run "$QF_BUILD/tests/fuzz_crypto" 100 session alice.session bob.session
    [ "$status" -eq 0 ]
    [[ "$output" == "100 mutants of 2 inputs decoded" ]]
}

@test "no mutant harms a committee's decoders" {
    make_committee 3 2
    qf-keygen offer --state p1 --roster roster.qf --threshold 2 --generation 2 > /dev/null
    for p in 1 2 3; do qf-encrypt --key public.qf --state p$p logistic.qf; done > contributions
    qf-aggregate contributions > sum.qf
    for p in 1 3; do qf-decrypt --state p$p --set 1,3 contributions; done > answers
    cat offer[123].qf > offers
    run "$QF_BUILD/tests/fuzz_committee" 200 stream sum.qf offers answers
    [ "$status" -eq 0 ]
    [ "$output" = "200 mutants of 2 inputs decoded" ]
    run "$QF_BUILD/tests/fuzz_committee" 200 state p1/answers-* p1/key-* p1/offered-*
    [ "$status" -eq 0 ]
    [ "$output" = "200 mutants of 3 inputs decoded" ]
}

@test "no mutant harms the decoders of contributions and sums" {
    make_committee 3 2
    qf-train-qnn --layers 2 --circuit sim1 --epochs 1 --set quantum=frozen < smote.qf > frozen.qf
    qf-encrypt --key public.qf --party 1 logistic.qf > hidden.contribution
    qf-encrypt --key public.qf --state p2 --disclose frozen.qf > open.contribution
    for p in 1 2 3; do qf-encrypt --key public.qf --state p$p --disclose frozen.qf; done | qf-aggregate > sum
    run "$QF_BUILD/tests/fuzz_updates" 300 public.qf hidden.contribution open.contribution sum
    [ "$status" -eq 0 ]
    [ "$output" = "300 mutants of 4 inputs decoded" ]
}
