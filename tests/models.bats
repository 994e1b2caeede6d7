# Models that sum: AdaBoost, perceptrons, logistic regression, support vector machines, from a table to scores.
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    qf-synth --rows 1500 --columns 8 --seed 3 | qf-audit --fix --quiet > all.qf
    qf-split --test 0.3 --seed 1 all.qf | qf-scale --fit log-standard --save scaler.qf > train.qf
    qf-split --test 0.3 --seed 1 --emit test all.qf | qf-scale --apply scaler.qf > test.qf
}

setup() {
    setup_directory
    cp "$BATS_FILE_TMPDIR"/*.qf .
}

models="adaboost mlp logistic svm"

# Settings that make a model small enough for a test.
small() {
    case $1 in
        adaboost) echo --set estimators=40 ;;
        mlp) echo --set epochs=30 --set rate=0.01 ;;
    esac
}

train() { # MODEL OPTIONS...
    qf-train-classic --model "$1" $(small "$1") --seed 7 "${@:2}" train.qf
}

# A number of the metrics of model m.qf on the test rows.
metric() {
    qf-predict --model m.qf test.qf | qf-score | qf-view --show records | sed -n "s/.*\"$1\":\([0-9.e-]*\).*/\1/p"
}

facts() {
    qf-view --show records m.qf | sed -n 2p
}

less() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }'; }

@test "they tell fraud far better than by its share alone" {
    qf-train-classic --model dummy train.qf > m.qf
    guess=$(metric accuracy)
    for model in $models; do
        train $model > m.qf
        qf-view --check m.qf
        less "$(awk "BEGIN { print $guess + 0.03 }")" "$(metric accuracy)"
        less 0.85 "$(metric roc_auc)"
    done
}

@test "the same bytes for any number of threads, the same work for the same seed" {
    for model in $models; do
        train $model --threads 1 > 1.qf
        train $model --threads 2 > m.qf
        cmp 1.qf m.qf
        qf-predict --model m.qf --threads 1 test.qf > 1.qf
        qf-predict --model m.qf --threads 2 test.qf | cmp - 1.qf
    done
    train mlp > m.qf
    train mlp --seed 8 > n.qf
    if cmp -s <(qf-view --show records m.qf | sed 1,2d) <(qf-view --show records n.qf | sed 1,2d); then false; fi
}

@test "another level of instructions changes no machine and no logistic regression, a net by rounding alone" {
    for level in portable avx2 avx512; do
        QF_SIMD=$level train dummy > /dev/null 2>&1 || continue
        for model in $models; do
            QF_SIMD=$level train $model > m.qf
            qf-view --show records m.qf > $model.$level
            QF_SIMD=$level qf-predict --model m.qf test.qf | qf-export --to csv > $model.$level.csv
        done
        for model in adaboost logistic svm; do cmp $model.$level $model.portable; done
        paste -d, <(cut -d, -f1 mlp.$level.csv) <(cut -d, -f1 mlp.portable.csv) | sed 1d |
            awk -F, '{ d = $1 - $2; if (d > 1e-9 || d < -1e-9) exit 1 }'
    done
    if [ -e mlp.avx512 ]; then cmp mlp.avx2 mlp.avx512; fi
}

@test "balanced classes raise the recall" {
    for model in $models; do
        train $model > m.qf
        plain=$(metric recall)
        train $model --class-weight balanced > m.qf
        less "$plain" "$(metric recall)"
        [[ $(facts) == *'"weight_fraud":'* ]]
    done
}

# Every value of the swept parameter by a fit of its own, over the same folds.
@test "the parameter that one fit sweeps is chosen as by a fit for each value" {
    while read -r model grid; do
        qf-train-classic --model $model --grid "$grid" --tune f1 --curve c.qf --seed 7 train.qf > m.qf
        name=${grid%%=*}
        for value in $(tr , ' ' <<< "${grid#*=}"); do
            # A grid of one value more, of a parameter that is not swept, leaves each value its own fit.
            qf-train-classic --model $model --set "$name=$value" --grid "$(other $model)" --tune f1 --seed 7 train.qf |
                qf-view --show records | sed -n '2s/.*"validation_mean":\([^,]*\),.*/\1/p'
        done > each
        qf-view --show records c.qf | sed 's/.*"validation_mean":\[\([^]]*\)\].*/\1/' | tr , '\n' > swept
        paste swept each | awk '{ d = $1 - $2; if (d > 1e-12 || d < -1e-12) exit 1 } END { exit NR != 3 }'
    done << 'GRIDS'
adaboost estimators=5,20,60
mlp epochs=1,6,25
logistic iterations=1,2,30
svm iterations=20,200,100000
GRIDS
}

# A parameter at its default, as a grid of one value.
other() {
    case $1 in
        adaboost) echo depth=1 ;;
        mlp) echo batch=200 ;;
        *) echo C=1 ;;
    esac
}

@test "what they cannot do is said in a line" {
    expect_error 64 "qf-train-classic: error: --set: layers=10-0: expected whole numbers from 1 to 4096 joined by '-', 16 at most" \
        qf-train-classic --model mlp --set layers=10-0 train.qf
    expect_error 65 "qf-train-classic: error: the net diverged in epoch 2: a smaller rate or scaled columns help" \
        qf-train-classic --model mlp --set optimiser=sgd --set rate=1000 --set l2=1000000 --set activation=identity train.qf
    printf 'a,y\n1e300,0\n-1e300,1\n1,0\n2,1\n' | qf-import > huge.qf
    expect_error 65 "qf-train-classic: error: values too large for a logistic regression; scale the columns first" \
        qf-train-classic --model logistic huge.qf
    expect_error 65 "qf-train-classic: error: row 1, column 1: too large for a kernel; scale the columns first" \
        qf-train-classic --model svm huge.qf
    printf 'a,y\n1,0\n-1,1\n1e30,0\n2,1\n' | qf-import > large.qf
    expect_error 65 "qf-train-classic: error: row 3: too large for a linear kernel; scale the columns first" \
        qf-train-classic --model svm --set kernel=linear large.qf
    qf-train-classic --model svm large.qf | qf-view --check
}

@test "parameters have an effect" {
    while read -r model settings; do
        for set in $settings; do
            train $model --set $set > m.qf
            qf-predict --model m.qf test.qf | qf-view --show records | sha256sum
        done > sums
        [ "$(sort -u sums | wc -l)" -eq "$(wc -w <<< "$settings")" ]
    done << 'SETTINGS'
mlp activation=tanh activation=relu activation=logistic activation=identity layers=3 batch=50 schedule=cosine optimiser=sgd l2=1
logistic C=1 C=0.01 iterations=1
svm C=1 C=10 gamma=0.5 kernel=linear iterations=50
SETTINGS
    printf 'a,y\n0,0\n4,1\n' | qf-import > two.qf
    qf-train-classic --model svm --set gamma=scale two.qf > m.qf
    [[ $(facts) == *'"gamma":0.25,'* ]]
    qf-train-classic --model svm --set gamma=auto two.qf > m.qf
    [[ $(facts) == *'"gamma":1,'* ]]
}
