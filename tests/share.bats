# qf-share and qf-recover: any T shares and no fewer, altered ones named, sums.
load helper

setup() {
    setup_directory
    qf-synth --rows 200 --columns 5 --seed 3 > table.qf
    qf-train-classic --model logistic table.qf > model.qf
    qf-share --threshold 3 --parties 5 --into s < model.qf
}

share() { # INDEX...: concatenated shares
    for i in "$@"; do cat "s/share-$i.qf"; done
}

coefficients() {
    qf-view --show records "$1" | grep '"coefficients"'
}

@test "three of five shares recover the model, to the last bit of its fixed point" {
    [ "$(stat -c '%a' s s/share-1.qf | sort -u | tr '\n' ' ')" = "600 700 " ]
    share 1 2 3 | qf-recover > a.qf
    share 5 2 4 | qf-recover > b.qf
    qf-view --check a.qf
    cmp <(qf-view --show records a.qf) <(qf-view --show records b.qf)
    python3 - "$(coefficients model.qf)" "$(coefficients a.qf)" <<'PYTHON'
import json, sys
model, recovered = (json.loads(a)["data"] for a in sys.argv[1:])
assert len(model) == len(recovered) > 3
assert all(abs(m - r) <= 2.0 ** -33 and r * 2.0 ** 32 == int(r * 2.0 ** 32) for m, r in zip(model, recovered))
PYTHON
    # What is not the arrays is as it was, and the model works.
    cmp <(qf-view model.qf | head -3) <(qf-view a.qf | head -3)
    qf-predict --model a.qf table.qf | qf-view --check
    qf-view a.qf | grep -q "qf-share 0.1.0 --threshold=3 --parties=5"
}

@test "too few, mixed and doubled shares do not fit together" {
    expect_error 76 "qf-recover: error: 3 shares are needed, got 2" bash -c "cat s/share-[12].qf | qf-recover > out"
    [ ! -s out ]
    expect_error 76 "qf-recover: error: the share of party 1 is there twice" \
        bash -c "cat s/share-[1234].qf s/share-1.qf | qf-recover > out"
    qf-share --threshold 3 --parties 5 --into other < model.qf
    expect_error 76 "qf-recover: error: share 3 (of party 4) is not of the first one's set" \
        bash -c "cat s/share-[12].qf other/share-4.qf | qf-recover > out"
    expect_error 65 "qf-recover: error: standard input: expected a share stream, got a model stream" \
        bash -c "qf-recover < model.qf > out"
}

@test "an altered share is found, named and left out; without one more, refused" {
    size=$(stat -c %s s/share-2.qf)
    flip s/share-2.qf $((size - 200)) # among the elements
    run bash -c "cat s/share-[123].qf | qf-recover > out"
    [ "$status" -eq 65 ] # damage
    mend s/share-2.qf
    expect_error 77 "qf-recover: error: the shares do not agree: one or more were altered, and 3 are too few to tell which" \
        bash -c "cat s/share-[123].qf | qf-recover > out"
    [ ! -s out ]
    share 1 2 3 4 | qf-recover > a.qf 2> lines
    [ "$(cat lines)" = "qf-recover: warning: the share of party 2 was altered; it was left out" ]
    share 1 3 4 | qf-recover > b.qf
    cmp <(qf-view --show records a.qf) <(qf-view --show records b.qf)
}

@test "a share says nothing of the secret but its public part" {
    # No digest of the model or of its stream anywhere: it would confirm a guess.
    digest=$(qf-view model.qf | sed -n 's/^sha256: //p')
    ! qf-view s/share-1.qf | grep -q "$digest"
    # Shares of one secret have nothing in common, not even in two runs.
    qf-share --threshold 3 --parties 5 --into again < model.qf
    elements() { qf-view --show records "$1" | grep '"elements"' | tr ',[]' '\n' | grep -E '^[0-9.e+]{10,}$' | sort; }
    [ "$(elements s/share-1.qf | wc -l)" -gt 200 ]
    for other in s/share-2.qf again/share-1.qf; do
        [ "$(comm -12 <(elements s/share-1.qf) <(elements $other) | wc -l)" -eq 0 ]
    done
}

@test "sums of shares recover the sum and the mean of models" {
    for seed in 1 2 3; do
        qf-synth --rows 200 --columns 5 --seed $seed | qf-train-classic --model logistic > m$seed.qf
        qf-share --threshold 2 --parties 3 --into d$seed < m$seed.qf
    done
    for i in 1 2 3; do cat d[123]/share-$i.qf | qf-share --sum > sum-$i.qf; done
    cat d2/share-3.qf d3/share-3.qf d1/share-3.qf | qf-share --sum > reordered.qf
    cat sum-[13].qf | qf-recover > total.qf 2> lines
    grep -q "no share more than needed" lines
    cat sum-1.qf reordered.qf | qf-recover --quiet | cmp <(qf-view --show records total.qf) <(qf-view --show records -)
    cat sum-[123].qf | qf-recover --mean > mean.qf 2> lines
    [ ! -s lines ]
    python3 - "$(coefficients total.qf)" "$(coefficients mean.qf)" "$(coefficients m1.qf)" "$(coefficients m2.qf)" "$(coefficients m3.qf)" <<'PYTHON'
import json, sys
total, mean, *models = (json.loads(a)["data"] for a in sys.argv[1:])
for t, m, *parts in zip(total, mean, *models):
    assert abs(t - sum(parts)) < 4 * 2.0 ** -33 and abs(m - t / 3) < 1e-15
PYTHON
    qf-predict --model mean.qf table.qf | qf-view --check
    expect_error 76 "qf-share: error: share 2: the same secret would be added twice" \
        bash -c "cat d1/share-1.qf d1/share-1.qf | qf-share --sum > out"
    run bash -c "cat d1/share-1.qf d2/share-2.qf | qf-share --sum > out"
    [ "$status" -eq 76 ]
    run bash -c "cat sum-1.qf d1/share-2.qf | qf-recover > out"
    [ "$status" -eq 76 ]
    run bash -c "cat d1/share-1.qf d2/share-1.qf | qf-share --sum > /dev/full"
    [ "$status" -eq 74 ]
}

@test "what does not fit is an error that names the array, and nothing is written" {
    run qf-share --threshold 2 --parties 3 --prime 104729 --into paper model.qf
    [ "$status" -eq 65 ]
    [[ "$output" == 'qf-share: error: array "coefficients": '*' is outside -'*' what the prime 104729 holds with 32 fraction bits in sums of up to 1024' ]]
    [ ! -e paper ]
    # With few bits and no sums, small models fit even there.
    qf-train-classic --model dummy --set strategy=prior table.qf > dummy.qf
    qf-share --threshold 2 --parties 3 --prime 104729 --fraction-bits 12 --summands 1 --into paper dummy.qf
    cat paper/share-[23].qf | qf-recover | qf-view --check
    run qf-share --threshold 2 --parties 3 --prime 104729 --summands 1000000 --into x dummy.qf
    [ "$status" -eq 64 ]
    run qf-share --threshold 2 --parties 3 --fraction-bits 52 --into x model.qf
    [ "$status" -eq 65 ]
}

@test "keys are shared too, and go into a directory" {
    for p in 1 2; do qf-keygen identity --state p$p --party $p > /dev/null; done
    qf-qkd enrol --state p1 --peer 2 --into out
    qf-share --threshold 2 --parties 3 --into k out/link.qf
    expect_error 64 "qf-recover: error: a key goes into a directory: give --into" bash -c "cat k/share-[13].qf | qf-recover > o"
    cat k/share-[13].qf | qf-recover --into back
    [ "$(stat -c %a back/recovered.qf)" = 600 ]
    cmp <(qf-view --show records out/link.qf) <(qf-view --show records back/recovered.qf)
    run bash -c "cat k/share-1.qf s/share-1.qf | qf-share --sum > o"
    [ "$status" -eq 76 ]
}

@test "options that make no sense" {
    expect_error 64 "qf-share: error: --threshold is more than --parties" qf-share --threshold 4 --parties 3 --into x model.qf
    expect_error 64 "qf-share: error: give either --threshold, --parties and --into, or --sum" qf-share model.qf
    expect_error 64 "qf-share: error: give either --threshold, --parties and --into, or --sum" qf-share --sum --into x model.qf
    expect_error 64 "qf-share: error: --threshold, --parties and --into go together" qf-share --threshold 3 model.qf
    expect_error 65 "qf-share: error: table.qf: expected a model or key stream, got a table stream" \
        qf-share --threshold 2 --parties 3 --into x table.qf
    head -c -1 model.qf > cut.qf
    run qf-share --threshold 2 --parties 3 --into x cut.qf
    [ "$status" -eq 65 ]
    [ ! -e x ]
    chmod 755 s
    expect_error 77 "qf-share: error: s: others may read or write it (chmod go-rwx)" \
        qf-share --threshold 2 --parties 3 --into s model.qf
}
