# qf-train-classic: models from the registry, parameters, the same bytes for the same work.
bats_require_minimum_version 1.5.0
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    qf-synth --rows 600 --columns 6 --seed 3 | qf-audit --fix --quiet > t.qf
}

setup() {
    setup_directory
    cp "$BATS_FILE_TMPDIR"/t.qf .
}

# What the fit found: the model's second record.
facts() {
    qf-view --show records "$1" | sed -n 2p
}

@test "nets and regressions begin where a model ended; other models cannot" {
    qf-train-classic --model logistic t.qf > first.qf
    qf-train-classic --model logistic --init first.qf --seed 4 t.qf > second.qf
    # It is at the optimum already.
    qf-view --show records second.qf | grep -q '"iterations":0'
    expect_error 76 "qf-train-classic: error: the model to start from: it is of kind logistic, not mlp" \
        qf-train-classic --model mlp --init first.qf t.qf
    expect_error 64 "qf-train-classic: error: --init: a forest begins from rows alone" \
        qf-train-classic --model forest --init first.qf t.qf
    expect_error 64 "qf-train-classic: error: --checkpoint: the fit of a logistic cannot be taken up again" \
        qf-train-classic --model logistic --checkpoint kept.qf t.qf
}

@test "every model of the list is fitted, stored and read back" {
    qf-train-classic --list | sed -n 's/^\([a-z0-9-]*\): .*/\1/p' > models
    grep -qx dummy models && grep -qx tree models && grep -qx forest models
    while read -r model; do
        qf-train-classic --model "$model" t.qf > m.qf
        qf-view --check m.qf
        qf-predict --model m.qf t.qf | qf-view --check
    done < models
}

@test "same seed same bytes, for any number of threads and SIMD level; another seed other draws" {
    for model in tree forest adaboost knn xgboost; do
        case $model in
            tree) set=alpha=auto ;;
            forest) set=trees=30 ;;
            adaboost) set=depth=3 ;;
            knn) set=k=3 ;;
            xgboost) set=subsample=0.5 ;;
        esac
        qf-train-classic --model $model --set $set --seed 7 --threads 1 t.qf > a.qf
        qf-train-classic --model $model --set $set --seed 7 --threads 2 t.qf | cmp - a.qf
        qf-view --show records a.qf > a.txt
        QF_SIMD=portable qf-train-classic --model $model --set $set --seed 7 t.qf | qf-view --show records | cmp - a.txt
    done
    for set in forest=trees=30 xgboost=subsample=0.5; do
        for seed in 7 8; do
            qf-train-classic --model "${set%%=*}" --set "${set#*=}" --seed $seed t.qf | qf-view --show records > $seed.txt
        done
        if cmp -s 7.txt 8.txt; then false; fi
    done
}

@test "parameters have an effect" {
    qf-train-classic --model forest --set trees=7 t.qf > m.qf
    [[ $(facts m.qf) == *'"trees":7,'* ]]
    qf-train-classic --model tree --set alpha=0 --set depth=2 t.qf > m.qf
    [[ $(facts m.qf) == *'"alpha":0,"leaves":4,"depth":2'* ]]
    qf-train-classic --model tree --set alpha=1 t.qf > m.qf
    [[ $(facts m.qf) == *'"leaves":1,"depth":0'* ]]
    for set in estimators=7 depth=2 rate=0.5 algorithm=samme; do
        qf-train-classic --model adaboost --set estimators=8 --set $set t.qf | qf-view --show records | sed 1d | sha256sum
    done > sums
    [ "$(sort -u sums | wc -l)" -eq 4 ]
    for set in rounds=9 eta=0.5 depth=2 method=hist lambda=9 subsample=0.5 columns=0.5 min_child_weight=9; do
        qf-train-classic --model xgboost --set rounds=8 --set $set t.qf | qf-view --show records | sed 1,2d | sha256sum
    done > sums
    [ "$(sort -u sums | wc -l)" -eq 8 ]
    for set in k=3 k=4 weights=distance; do
        qf-train-classic --model knn --set $set t.qf > m.qf
        qf-predict --model m.qf t.qf | qf-view --show records | sha256sum
    done > sums
    [ "$(sort -u sums | wc -l)" -eq 3 ]
    qf-train-classic --model dummy --set strategy=prior t.qf > m.qf
    [ "$(qf-predict --model m.qf t.qf | qf-view --show records | sed 's/,"@row.*//' | sort -u | wc -l)" -le 2 ]
}

@test "the unpruned tree knows its rows by heart, the pruned one is smaller" {
    qf-train-classic --model tree --set alpha=0 t.qf > full.qf
    qf-train-classic --model tree t.qf > pruned.qf
    leaves() { facts "$1" | sed 's/.*"leaves":\([0-9]*\).*/\1/'; }
    [ "$(leaves pruned.qf)" -lt "$(leaves full.qf)" ]
    [ "$(leaves pruned.qf)" -gt 1 ]
    qf-predict --model full.qf t.qf | qf-score | qf-view --show records | grep -q '"accuracy":1,'
}

@test "the list shows one model, or all" {
    run qf-train-classic --list --model dummy
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "dummy: a baseline that knows the share of fraud alone" ]
    [ "${lines[1]}" = "  strategy=most-frequent" ]
    [ "${#lines[@]}" -eq 3 ]
    run bash -c 'qf-train-classic --list > /dev/full'
    [ "$status" -eq 74 ]
}

@test "usage errors name what is allowed" {
    expect_error 64 "qf-train-classic: error: --model is missing: --list shows what there is" qf-train-classic t.qf
    run qf-train-classic --model oak t.qf
    [ "$status" -eq 64 ]
    [[ $output == 'qf-train-classic: error: --model: no model "oak": expected dummy, tree'* ]]
    expect_error 64 'qf-train-classic: error: --set: dummy has no parameter "tree": expected strategy' \
        qf-train-classic --model dummy --set tree=1 t.qf
    expect_error 64 'qf-train-classic: error: --set: alpha=2: expected a number from 0 to 1, or auto' \
        qf-train-classic --model tree --set alpha=2 t.qf
    expect_error 64 'qf-train-classic: error: --set: trees=many: expected an integer from 1 to 100000' \
        qf-train-classic --model forest --set trees=many t.qf
    expect_error 64 'qf-train-classic: error: --set: "trees": expected NAME=VALUE' \
        qf-train-classic --model forest --set trees t.qf
}

@test "one class is bad data, for every model" {
    printf 'a,y\n1,0\n2,0\n3,0\n' | qf-import > one.qf
    for model in dummy tree forest adaboost mlp logistic svm knn xgboost; do
        expect_error 65 "qf-train-classic: error: 0 rows with label 1, at least 1 needed" \
            qf-train-classic --model $model one.qf
    done
}

@test "two rows are enough, and equal rows of both classes are no trouble" {
    printf 'a,y\n1,0\n2,1\n' | qf-import > two.qf
    printf 'a,b,y\n1,3,0\n1,3,1\n1,3,1\n' | qf-import > equal.qf
    for model in dummy tree forest adaboost mlp logistic svm xgboost; do
        for table in two equal; do
            qf-train-classic --model $model $table.qf > m.qf
            qf-predict --model m.qf $table.qf | qf-view --check
        done
    done
}

@test "neighbours: no more than rows, the nearest is the row itself, a class weighs its votes" {
    printf 'a,y\n1,0\n2,1\n4,0\n' | qf-import > three.qf
    expect_error 65 "qf-train-classic: error: k=5 neighbours are asked for, there are 3 rows" \
        qf-train-classic --model knn three.qf
    probabilities() { qf-predict --model m.qf three.qf | qf-export --to csv | cut -d, -f1 | sed 1d | tr '\n' ' '; }
    qf-train-classic --model knn --set k=1 three.qf > m.qf
    [ "$(probabilities)" = "0 1 0 " ]
    qf-train-classic --model knn --set k=3 --class-weight 6 three.qf > m.qf
    [ "$(probabilities)" = "0.75 0.75 0.75 " ]
}

@test "a k is chosen by the votes that a model of it has, for any number of threads" {
    qf-train-classic --model knn --grid k=1:30 --tune mcc --threads 1 t.qf > m.qf
    qf-train-classic --model knn --grid k=1:30 --tune mcc --threads 2 t.qf | cmp - m.qf
    k=$(facts m.qf | sed 's/.*"setting":"k=\([0-9]*\)".*/\1/')
    qf-train-classic --model knn --set "k=$k" t.qf > n.qf
    qf-predict --model m.qf t.qf | qf-view --show records > a.txt
    qf-predict --model n.qf t.qf | qf-view --show records | cmp - a.txt
}

@test "XGBoost: quiet, needed for training alone" {
    run --separate-stderr bash -c 'qf-train-classic --model xgboost --set rounds=5 t.qf > m.qf'
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [[ $(facts m.qf) == *'"xgboost":"'* ]]
    mkdir broken && touch broken/libxgboost.so.0
    export LD_LIBRARY_PATH=$PWD/broken
    expect_error 69 "qf-train-classic: error: XGBoost's library libxgboost.so.0 cannot be loaded" \
        qf-train-classic --model xgboost t.qf
    qf-predict --model m.qf t.qf | qf-view --check
    unset LD_LIBRARY_PATH
    printf 'a,y\n1,0\n2,1\n-3e38,0\n' | qf-import > large.qf
    expect_error 65 "qf-train-classic: error: row 3, column \"a\": -3e+38 is too large for XGBoost's single precision" \
        qf-train-classic --model xgboost large.qf
}

@test "bad input, a full disk, and no valid stream after a failure" {
    run bash -c 'qf-train-classic --model dummy t.qf > /dev/full'
    [ "$status" -eq 74 ]
    for cut in 0 10 200 3000; do
        head -c -$((cut + 1)) t.qf > cut.qf
        run qf-train-classic --model dummy cut.qf
        [ "$status" -eq 65 ]
        run bash -c 'qf-train-classic --model dummy cut.qf 2> /dev/null | qf-view --check'
        [ "$status" -eq 65 ]
    done
    qf-train-classic --model dummy t.qf > m.qf
    run qf-train-classic --model dummy m.qf
    [ "$status" -eq 65 ]
}

@test "a grid is searched, what was chosen is set and told" {
    qf-train-classic --model forest --grid trees=4:12:4 --grid depth=unlimited,2 --tune f1 --cv 4 t.qf > m.qf
    setting=$(facts m.qf | sed 's/.*"setting":"\([^"]*\)","tuned_by":"f1","tuned_folds":4,"tuned_points":6,.*/\1/')
    [[ $setting =~ ^trees=(4|8|12),depth=(unlimited|2)$ ]]
    qf-train-classic --model forest --set ${setting/,/ --set } t.qf > same.qf
    cmp <(qf-view --show records m.qf | sed -n '3,$p') <(qf-view --show records same.qf | sed -n '3,$p')
    qf-predict --model m.qf t.qf | qf-score | qf-view --show records | grep -q "\"setting\":\"$setting\""
}

@test "the curve has every value, and the stream of it is whole" {
    qf-train-classic --model tree --grid alpha=0:0.02:0.005 --grid min_leaf=5,1 --curve c.qf --seed 9 t.qf > m.qf
    qf-view --check c.qf
    qf-view --show records c.qf > c.txt
    [ "$(wc -l < c.txt)" -eq 2 ]
    grep -q '^{"model":"tree","seed":9,"metric":"accuracy","folds":3,"parameter":"alpha","values":\[0,0.005,0.01,0.015,0.02\],"training_mean":\[[^]]*\],"training_sd":\[[^]]*\],"validation_mean":\[[^]]*\],"validation_sd":\[[^]]*\],"chosen":[0-9.]*}$' c.txt
    grep -q '"parameter":"min_leaf","values":\[1,5\],' c.txt
    [ "$(qf-export --to csv c.qf | wc -l)" -eq 3 ]
    best=$(sed -n '1s/.*"validation_mean":\[\([^]]*\)\].*/\1/p' c.txt | tr , '\n' | sort -g | tail -1)
    facts m.qf | grep -q "\"validation_mean\":$best,"
}

@test "tuning gives the same bytes for any number of threads" {
    for model in tree forest; do
        grid=$([ $model = forest ] && echo trees=3:11:2 || echo min_leaf=1:9:2)
        for threads in 1 2 5; do
            qf-train-classic --model $model --grid $grid --calibrate isotonic --threshold f1 --curve c.qf --threads $threads t.qf > m$threads.qf
            cp c.qf c$threads.qf
        done
        cmp m1.qf m2.qf && cmp m1.qf m5.qf && cmp c1.qf c2.qf && cmp c1.qf c5.qf
    done
}

@test "rows that something was chosen by are flagged in the scores, and the report says why" {
    qf-split --test 0.3 --seed 1 t.qf > train.qf
    qf-split --test 0.3 --seed 1 --emit test t.qf > test.qf
    rows=$(qf-view --show records test.qf | wc -l)
    for choice in "--grid trees=1:5" "--calibrate platt --set trees=5" "--threshold f1 --set trees=5"; do
        qf-train-classic --model forest $choice --judge test.qf train.qf > m.qf
        qf-predict --model m.qf test.qf > s.qf
        [ "$(qf-view --show records s.qf | grep -c '"seen":4')" -eq "$rows" ]
        qf-score s.qf > metrics.qf
        qf-view --show records metrics.qf | grep -q "\"violations\":\"selected-on-test-rows:$rows\""
        qf-report metrics.qf | grep -q "! selected-on-test-rows: $rows rows"
        qf-train-classic --model forest $choice train.qf > m.qf
        qf-predict --model m.qf test.qf | qf-score | qf-view --show records | grep -q '"violations":""'
    done
    qf-report metrics.qf | tr '\n' ' ' | grep -q 'chosen by test rows'
    run bash -c 'qf-train-classic --model tree --threshold f1 --judge train.qf train.qf > m.qf'
    [ "$output" = "qf-train-classic: warning: $(qf-view --show records train.qf | wc -l) rows of --judge are among the rows fitted to, too" ]
    qf-synth --rows 300 --columns 6 --seed 4 | qf-audit --fix --quiet > foreign.qf
    run bash -c 'qf-train-classic --model tree --threshold f1 --judge foreign.qf train.qf > m.qf'
    [ "$output" = "" ]
}

@test "thresholds do what was asked for on the rows that they were chosen on" {
    qf-split --test 0.5 --seed 1 t.qf > train.qf
    qf-split --test 0.5 --seed 1 --emit test t.qf > v.qf
    qf-train-classic --model forest --set trees=30 --threshold alert-rate:0.1 --judge v.qf train.qf > m.qf
    qf-predict --model m.qf v.qf | qf-score | qf-view --show records > r.txt
    alerts=$(sed 's/.*"fp":\([0-9]*\).*"tp":\([0-9]*\).*/\1 \2/' r.txt)
    rows=$(qf-view --show records v.qf | wc -l)
    [ $((10 * (${alerts/ /+}))) -le "$rows" ] && [ $((15 * (${alerts/ /+}))) -ge "$rows" ]
    facts m.qf | grep -q "\"threshold_by\":\"alert-rate:0.1\",.*\"threshold_alerts\":$((${alerts/ /+})),\"threshold_rows\":$rows}"
    cost() { sed 's/.*"expected_cost":\([0-9.e-]*\).*/\1/'; }
    qf-train-classic --model forest --set trees=30 --threshold cost:1,10 --judge v.qf train.qf > m.qf
    qf-predict --model m.qf v.qf > s.qf
    best=$(qf-score s.qf | qf-view --show records | cost)
    for t in 0.02 0.05 0.1 0.2 0.3 0.5 0.7; do
        other=$(qf-score --threshold $t s.qf | qf-view --show records | cost)
        awk -v a="$best" -v b="$other" 'BEGIN { exit !(a <= b) }'
    done
    facts m.qf | grep -q "\"threshold_value\":$best"
    run qf-train-classic --model dummy --threshold alert-rate:0.1 t.qf
    [[ $output == *"warning: by --threshold no row is called fraud"* ]]
}

@test "calibration and the prior correction improve what they are for" {
    qf-synth --rows 3000 --columns 6 --seed 3 | qf-audit --fix --quiet > all.qf
    qf-split --test 0.5 --seed 1 all.qf | qf-smote --seed 1 --quiet > train.qf
    qf-split --test 0.5 --seed 1 --emit test all.qf > test.qf
    loss() { qf-train-classic --model tree --set min_leaf=20 --seed 1 "$@" train.qf > m.qf
        qf-predict --model m.qf test.qf | qf-score | qf-view --show records | sed 's/.*"brier":\([0-9.]*\).*/\1/'; }
    less() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }'; }
    none=$(loss)
    less "$(loss --prior original)" "$none"
    less "$(loss --calibrate platt)" "$none"
    less "$(loss --calibrate isotonic)" "$none"
    qf-view m.qf | grep -q '^parameters: {"kind":"tree","seed":"1","threshold":0.5,"calibration":"isotonic"}'
    loss --prior original > /dev/null
    qf-view m.qf | grep -q '^parameters: {"kind":"tree","seed":"1","threshold":0.5,"odds_factor":0\.[0-9]*}'
}

@test "options of choosing: what is wrong with them" {
    error='qf-train-classic: error:'
    tree() { expect_error 64 "$error $1" qf-train-classic --model tree "${@:2}" t.qf; }
    tree '--grid: "alpha": expected NAME=FROM:TO[:STEP] or NAME=A,B,C' --grid alpha
    tree '--grid: min_leaf=0: expected an integer from 1 to 1000000000' --grid min_leaf=0:4
    tree '--grid: --set sets depth, too' --grid depth=1:3 --set depth=2
    tree '--grid: depth has a grid already' --grid depth=1:3 --grid depth=2,3
    tree '--tune needs --grid' --tune f1
    tree '--curve needs --grid' --curve c.qf
    tree '--curve needs a grid of numbers alone' --curve c.qf --grid alpha=auto,0
    tree '--cv needs --grid, --calibrate or --threshold' --cv 3
    tree '--judge needs --grid, --calibrate or --threshold' --judge t.qf
    tree 'give --cv or --judge' --judge t.qf --cv 3 --threshold f1
    tree '--cv: expected 2 to 8, got 9' --cv 9 --threshold f1
    tree '--class-weight: expected none, balanced or a number above 0, got "0"' --class-weight 0
    tree '--prior: expected original or a number above 0 and below 1, got "1"' --prior 1
    tree '--threshold: "best": expected fixed, f1, mcc, cost:FP,FN or alert-rate:R' --threshold best
    tree '--calibrate: expected one of none, platt, isotonic, got "sigmoid"' --calibrate sigmoid
    run qf-train-classic --model tree --grid depth=1,2 --tune tn t.qf
    [ "$status" -eq 64 ]
    [[ $output == "$error --tune: no metric \"tn\": expected one of accuracy, "* ]]
    [ ! -e c.qf ]
}

@test "tables too small to choose by, other columns, missing files" {
    printf 'a,y\n1,0\n2,0\n3,0\n4,0\n5,1\n6,1\n' | qf-import > few.qf
    expect_error 65 "qf-train-classic: error: fold 3 of 3: the rows to judge by: 0 rows with label 1, at least 1 needed" \
        qf-train-classic --model tree --threshold f1 few.qf
    qf-train-classic --model tree --threshold f1 --cv 2 few.qf | qf-view --check
    printf 'b,y\n1,0\n2,1\n' | qf-import > other.qf
    expect_error 76 'qf-train-classic: error: the rows to judge by: column 1: expected "a", got "b"' \
        qf-train-classic --model tree --threshold f1 --judge other.qf few.qf
    run qf-train-classic --model tree --threshold f1 --judge no-such.qf few.qf
    [ "$status" -eq 66 ]
}

@test "a curve and a model, or neither" {
    run bash -c 'qf-train-classic --model tree --grid depth=1,2 --curve c.qf t.qf > /dev/full'
    [ "$status" -eq 74 ]
    [ ! -e c.qf ]
    run bash -c 'qf-train-classic --model tree --grid depth=1,2 --curve no/such/c.qf t.qf | qf-view --check'
    [ "$status" -eq 65 ]
    run bash -c 'qf-train-classic --model tree --grid depth=1,2 --curve /dev/full t.qf | qf-view --check'
    [ "$status" -eq 65 ]
    head -c -50 t.qf > cut.qf
    run bash -c 'qf-train-classic --model tree --grid depth=1,2 --curve c.qf cut.qf | qf-view --check'
    [ "$status" -eq 65 ]
    [ "$(ls c.qf* 2> /dev/null | wc -l)" -eq 0 ]
}
