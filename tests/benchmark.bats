# make benchmark: on any CSV, the same bytes however it is run, resumable, and honest about its protocol.
load helper

setup() {
    setup_directory
    qf-synth --rows 400 --columns 10 --seed 5 | qf-export --to csv > data.csv
}

# The benchmark with few and small models; further variables as arguments.
benchmark() {
    make --no-print-directory -C "$QF_ROOT" BUILD="$BUILD" benchmark DATA="$PWD/data.csv" OUT="$PWD/out" \
        SEEDS="1 2" MODELS="dummy tree" QUANTUM= "$@"
}

column() { # NAME FILE: a column of a CSV by name
    awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } { print $c }' "$2"
}

@test "prints the table, the audit and where the report is" {
    run benchmark
    [ "$status" -eq 0 ]
    [[ "$output" == *"tree"* ]]
    [[ "$output" == *"dummy"* ]]
    [[ "$output" == *"What the audit found"* ]]
    [[ "$output" == *"Report: $PWD/out/report.html"* ]]
    for file in metrics.csv timings.csv report.html report.md; do [ -s "out/$file" ]; done
}

@test "metrics.csv has the promised columns and a row a model and seed" {
    benchmark
    [ "$(head -1 out/metrics.csv)" = "model,variant,protocol,seed,accuracy,precision_weighted,recall_weighted,f1_weighted,precision,recall,f1,f2,mcc,balanced_accuracy,pr_auc,roc_auc,brier,log_loss,recall_at_alert,alert_rate,threshold,prevalence_test,n_train,n_test,tn,fp,fn,tp,violations,data_digest" ]
    [ "$(tail -n +2 out/metrics.csv | wc -l)" -eq 4 ]
    [ "$(column model out/metrics.csv | sort | uniq -c | tr '\n' ' ' | tr -s ' ')" = " 2 dummy 2 tree " ]
    [ "$(column protocol out/metrics.csv | sort -u)" = honest ]
    [ "$(column violations out/metrics.csv | sort -u)" = "" ]
    [ "$(column data_digest out/metrics.csv | sort -u)" = "$(sha256sum data.csv | cut -d' ' -f1)" ]
}

@test "the same bytes on a rerun, in another OUT and for any -j" {
    benchmark -j1
    cp out/metrics.csv first.csv
    run benchmark -j2 OUT="$PWD/elsewhere/deep"
    [ "$status" -eq 0 ]
    cmp first.csv elsewhere/deep/metrics.csv
    cmp out/metrics.qf elsewhere/deep/metrics.qf
    rm -r out
    benchmark -j2
    cmp first.csv out/metrics.csv
}

@test "a second run does nothing; another seed or share remakes only what depends on it" {
    benchmark
    touch mark
    sleep 0.01
    benchmark
    [ -z "$(find out -name '*.qf' -newer mark)" ]
    benchmark SEEDS="1 2 3"
    [ -z "$(find out -path '*seed-1*' -name '*.qf' -newer mark)" ]
    [ -n "$(find out -path '*seed-3*' -name 'tree.metrics.qf' -newer mark)" ]
    [ "$(tail -n +2 out/metrics.csv | wc -l)" -eq 6 ]
    benchmark TEST_SHARE=0.3
    [ -z "$(find out -maxdepth 1 -name table.qf -newer mark)" ]
    [ -n "$(find out -path '*seed-1*' -name 'tree.metrics.qf' -newer mark)" ]
    [ "$(column n_test out/metrics.csv | head -1)" -gt 100 ]
}

@test "another table of published results remakes the reports alone" {
    benchmark
    touch mark
    sleep 0.01
    benchmark PUBLISHED=data/table1.csv
    [ -z "$(find out -name '*.qf' -newer mark)" ]
    grep -q "Beside the published" out/report.md
}

@test "what cannot work is refused before the first step" {
    refused() { # MESSAGE VARIABLE=VALUE
        run benchmark "$2"
        [ "$status" -ne 0 ]
        [[ "$output" == *"$1"* ]]
        [ ! -e out/table.qf ]
    }
    refused 'no model "nix"' MODELS="dummy nix"
    refused 'TEST_SHARE=20: expected a number from 0.0001 to 0.9999' TEST_SHARE=20
    refused 'Make takes no file name with blanks' DATA="sp ace.csv"
    refused 'no such file' DATA=nowhere.csv
    refused 'no such file' PUBLISHED=nowhere.csv
}

@test "other data remakes everything" {
    benchmark
    qf-synth --rows 500 --columns 10 --seed 6 | qf-export --to csv > other.csv
    benchmark DATA="$PWD/other.csv"
    [ "$(column data_digest out/metrics.csv | sort -u)" = "$(sha256sum other.csv | cut -d' ' -f1)" ]
}

@test "an interrupted run goes on, and nothing half-written counts" {
    benchmark
    cp out/metrics.csv whole.csv
    rm out/metrics.qf out/honest/seed-2/plain-none/tree.model.qf
    head -c 1000 out/honest/seed-1/split-train.qf > out/honest/seed-2/plain-none/tree.model.qf.tmp
    benchmark
    cmp whole.csv out/metrics.csv
}

@test "two runs at once in one OUT take turns" {
    benchmark
    cp out/metrics.csv whole.csv
    rm -r out
    benchmark > first.log 2>&1 &
    run benchmark
    wait $!
    [ "$status" -eq 0 ]
    cmp whole.csv out/metrics.csv
}

@test "a time that got lost is an error, not an empty cell" {
    benchmark
    rm out/timings.csv out/honest/seed-2/plain-none/tree.model.qf.seconds
    run benchmark
    [ "$status" -eq 2 ]
    [[ "$output" == *"tree.model.qf.seconds: No such file"* ]]
    [ ! -e out/timings.csv ]
}

@test "the paper's protocol is flagged" {
    benchmark PROTOCOL=paper
    violations=$(column violations out/metrics.csv | sort -u | tail -1)
    for code in resampled-before-split scaled-before-split identifier-kept; do
        [[ "$violations" == *"$code"* ]]
    done
    grep -q resampled-before-split out/report.html
}

@test "a hybrid net and its twins, each a variant, compared as a family" {
    benchmark SEEDS="1 2 3" MODELS=tree QUANTUM=hybrid-small TWINS="none dense"
    [ "$(grep -c '^hybrid-small,' out/metrics.csv)" -eq 12 ]
    [ "$(grep '^hybrid-small,' out/metrics.csv | cut -d, -f2 | sort -u | xargs)" = "dense none published sound" ]
    [ "$(column violations out/metrics.csv | sort -u)" = "" ]
    [ "$(qf-report --to csv --columns first,second,family < out/comparisons.qf | tail -n +2 | xargs)" = \
        "hybrid-small,twin-none,2 hybrid-small,twin-dense,2" ]
    grep -qE 'hybrid-small has .* PR-AUC (than|as) twin-dense' out/report.md
    # One sentence concludes what the quantum layer adds; the angles that wrap stand beside the sound recipe's.
    tr '\n' ' ' < out/report.md > words
    [ "$(grep -o 'quantum layer' words | wc -l)" -eq 1 ]
    grep -q 'quantum layer .*(PR-AUC, 3 splits): hybrid-small is ' words
    grep -qE 'As published, [0-9.]+ % of the angles that the circuit of hybrid-small is given lie beyond pi' words
    cp out/metrics.qf first.qf
    rm -r out
    benchmark -j1 SEEDS="1 2 3" MODELS=tree QUANTUM=hybrid-small TWINS="none dense"
    cmp first.qf out/metrics.qf
}

@test "TUNE: net and twin are tuned among the same, published recipes are not" {
    benchmark SEEDS=1 MODELS=dummy QUANTUM=hybrid-small TWINS=dense
    benchmark SEEDS=1 MODELS=dummy QUANTUM=hybrid-small TWINS=dense TUNE=pr_auc
    qf-report --to csv --columns variant,setting < out/metrics.qf > settings
    grep -qE '^sound,.*rate=0.0[0-9]*,schedule=(cosine|constant)' settings
    grep -qE '^dense,.*rate=0.0[0-9]*,schedule=(cosine|constant)' settings
    grep -qx 'published,' settings
    [ "$(qf-view out/honest/seed-1/plain-clipped/hybrid-small.dense.model.qf | grep -c -- '--tune=pr_auc')" -eq 1 ]
}

@test "another target, any names, no index, 50 rows" {
    awk 'BEGIN { srand(3); print "label,size,\"odd, name\""; for (i = 0; i < 50; i++) { y = rand() < 0.4; print y "," rand() + y * 0.5 "," int(rand() * 9) } }' > data.csv
    run benchmark TARGET=label
    [ "$status" -eq 0 ]
    [ "$(tail -n +2 out/metrics.csv | wc -l)" -eq 4 ]
}

@test "HEADER=no: the first line is a row, and every row counts" {
    awk -v OFS=, 'BEGIN { srand(3); for (i = 0; i < 60; i++) { y = i % 2; print rand() + y, rand(), y } }' > data.csv
    benchmark HEADER=no SEEDS=1 MODELS=dummy
    [ "$(qf-view --show records out/table.qf | wc -l)" -eq 60 ]
    # The header is an input like any other.
    benchmark SEEDS=1 MODELS=dummy 2>&1 | grep 'give --no-header'
    [ "$(qf-view --show records out/table.qf | wc -l)" -eq 59 ]
}

@test "a wrong variable is named" {
    run benchmark PROTOCOL=wishful
    [ "$status" -ne 0 ]
    [[ "$output" == *"PROTOCOL=wishful: expected honest or paper"* ]]
    run benchmark DATA=/nowhere.csv
    [ "$status" -ne 0 ]
    [[ "$output" == *"no such file"* ]]
    echo mine > "my"
    for wrong in "OUT=$PWD/my files" "OUT=" "SEEDS=1 2 1" "SEEDS=1 x" "SEEDS=-1" "SEEDS=01 1" "SEEDS=1.5" \
        "MODELS=tree tree" "VARIANTS=plain plain" "PROTOCOL=honest paper" "TARGET=a'b" "HEADER=maybe" "HEADER=yes no" "OUT=$PWD/it's" "SEEDS=1'" "TEST_SHARE=0.2'" \
        "TEST_SHARE=0.2 0.3" "TEST_SHARE=.2x" "TEST_SHARE=1e-9" "JOBS=0" "JOBS=many" "TUNE=pr auc" "MODELS=tree;id" "DATA=a:b.csv" "DATA=-x.csv" \
        "OUT=$PWD/a;b" "OUT=$PWD/a(b" "OUT=$PWD/a,b" "OUT=$PWD/a%b" "OUT=$PWD/a#b" "OUT=$PWD/a&b" "OUT=$PWD/a\$\$b" "OUT=-x"; do
        run benchmark "$wrong"
        [ "$status" -eq 2 ]
        [ "${#lines[@]}" -eq 1 ]
        [[ "$output" == *"*** ${wrong%%=*}"* ]]
    done
    [ "$(cat my)" = mine ]
    run benchmark MODELS="dummy oracle"
    [ "$status" -ne 0 ]
    [[ "$output" == *"oracle"* ]]
}

@test "SMOTE finds its neighbours among scaled columns, of the training part alone" {
    benchmark VARIANTS=smote MODELS=tree SEEDS=1
    qf-view out/honest/seed-1/smote-*/train.qf > provenance
    grep -A1 'qf-smote' provenance | grep -q 'qf-scale .*--fit=log-standard'
    [ "$(column violations out/metrics.csv)" = "" ]
}
