# qf-report: one, several and no metrics in every format, what stands against a number, and names that would be markup.
bats_require_minimum_version 1.5.0
load helper

# The tree's leaves hold 0, 1, 3 and 4 frauds of 4 rows: see score.bats, where the numbers are worked out.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    printf '%s\n' a,y 1,0 1,0 1,0 1,0 2,1 2,0 2,0 2,0 3,1 3,1 3,1 3,0 4,1 4,1 4,1 4,1 | qf-import > train.qf
    qf-train-classic --model tree --set alpha=0 train.qf > model.qf
    printf '%s\n' a,y 4,1 3,1 3,0 2,1 2,0 1,0 1,0 1,0 | qf-import | qf-predict --model model.qf > scores.qf
    qf-score scores.qf > one.qf
    cat one.qf <(qf-score --label seed=2 --threshold 1 scores.qf) \
        <(qf-score --label model=other --variant smote --protocol paper scores.qf) > several.qf
}

setup() {
    setup_directory
    cp "$BATS_FILE_TMPDIR"/*.qf .
}

# Checks that a page's elements are closed in order and that it asks for nothing from outside.
check_page() {
    python3 - "$1" << 'END'
import html.parser, sys

VOID = {"meta", "br", "hr", "img", "input", "link"}
FOREIGN = {"script", "iframe", "object", "embed", "link", "img", "base", "form"}

class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.uses = [], set(), set()

    def handle_starttag(self, tag, attributes, closed=False):
        assert tag not in FOREIGN, tag
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), (tag, names)
        for name, value in attributes:
            assert not name.startswith("on") and name not in ("src", "action"), (tag, name)
            if name in ("href", "xlink:href"):
                assert value.startswith("#"), value
                self.uses.add(value[1:])
            if name == "id":
                assert value not in self.ids, value
                self.ids.add(value)
        if not closed and tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes, True)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.getpos())

text = open(sys.argv[1], encoding="utf-8", newline="").read()
page = Page()
page.feed(text)
page.close()
assert not page.open, page.open
assert page.uses <= page.ids, page.uses - page.ids
for word in ("http:", "https:", "@import", "url(", "javascript:"):
    assert word not in text, word
assert text.startswith("<!doctype html>") and text.endswith("</html>\n")
END
}

@test "one run in every format" {
    run -0 qf-report one.qf
    [ "${lines[0]}" = 'Fraud detection: results' ]
    [[ "${output//$'\n'/ }" == *'8 test rows, 37.5 % of them fraud. The provenance proves violations; '* ]]
    # A terminal has 80 columns.
    [ -z "$(grep -E '^.{81}' <<< "$output")" ]
    grep -qx 'Model  Seeds  Accuracy  PR-AUC     MCC      F1' <<< "$output"
    grep -qx 'tree       1    0.7500  0.7556  0.4667  0.6667' <<< "$output"
    run -0 qf-report --to md --title 'A title' one.qf
    [ "${lines[0]}" = '# A title' ]
    grep -qx '| tree  |     1 |   0.7500 | 0.7556 |  0.8667 | 0.4667 | 0.6667 |    0.6667 | 0.6667 |          0.1333 | 0.1562 | 0.1250 |' <<< "$output"
    grep -q '^ *qf-predict .* --model=model.qf$' <<< "$output"
    run -0 qf-report --to csv one.qf
    [ "${#lines[@]}" -eq 2 ]
    [[ "${lines[1]}" == 'tree,,,1,0.75,0.75,0.75,0.75,0.6666666666666666,'*',16,8,4,1,1,2,different-data;not-audited,'* ]]
    qf-report --to html one.qf > page.html
    check_page page.html
    for text in 0.7500 0.7556 'qf-train-classic 0.1.0 --model=tree' not-audited; do grep -q -- "$text" page.html; done
}

@test "several runs: the mean over seeds, columns for what differs, a row a run in CSV" {
    run -0 qf-report several.qf
    # (0.75 + 0.625) / 2; no interval over runs that share their test rows.
    grep -qE '^tree +2 +0\.6875 +0\.7556 ' <<< "$output"
    grep -qE '^other +smote +paper +1 +0\.7500 ' <<< "$output"
    [[ "$output" == *Variant*Protocol* ]]
    [ "$(grep -c '^tree.*±' <<< "$output")" -eq 0 ]
    run -0 qf-report --to csv several.qf
    [ "$(cut -d, -f1-5 <<< "$output")" = $'model,variant,protocol,seed,accuracy\ntree,,,1,0.75\ntree,,,2,0.625\nother,smote,paper,1,0.75' ]
    [ "$(qf-report --to md several.qf | grep -cE '^\| (tree|other) +\| [a-z ]*\| [a-z ]*\|')" -eq 2 ]
    # The tree, of two thresholds, misses 1 and 3 of the 3 frauds.
    grep -qE '^\| tree +\| +2\.0 \| +0\.5 \|$' <(qf-report --to md several.qf)
    qf-report --to html several.qf > page.html
    check_page page.html
    cmp <(qf-report --to html several.qf) page.html
}

@test "no metrics: an error, and nothing written" {
    : > empty.qf
    for format in text md csv html; do
        expect_error 65 'qf-report: error: empty.qf: empty, expected a metrics stream' qf-report --to $format empty.qf
        [ -z "$(qf-report --to $format empty.qf 2> /dev/null)" ]
    done
}

@test "what is not defined is an empty cell in every format" {
    printf '%s\n' a,y 4,0 1,0 1,0 1,0 | qf-import | qf-predict --model model.qf | qf-score > m.qf
    grep -qxE 'tree +1 +0\.7500 *' <(qf-report m.qf)
    grep -qxE '\| tree +\| +1 \| +0\.7500( \| *){8}0\.2500 \| 0\.2500 \|' <(qf-report --to md m.qf)
    [[ "$(qf-report --to csv m.qf | tail -1)" == 'tree,,,1,0.75,1,0.75,'*,,,,,,,* ]]
    qf-report --to html m.qf > page.html
    check_page page.html
    for format in text md csv html; do
        [ "$(qf-report --to $format m.qf | grep -ciE '(^|[^a-z])-?(nan|inf)([^a-z]|$)')" -eq 0 ]
    done
}

@test "violations stand beside their number in every format, and only there" {
    qf-synth --rows 300 --columns 5 --seed 2 | qf-audit --fix --quiet > clean.qf
    qf-split --test 0.3 clean.qf | qf-train-classic --model dummy > part.qf
    qf-split --test 0.3 --emit test clean.qf | qf-predict --model part.qf | qf-score > good.qf
    qf-predict --model part.qf clean.qf | qf-score --variant bad > bad.qf
    for format in text md html; do
        run -0 qf-report --to $format good.qf
        [[ "${output//$'\n'/ }" == *'proves no violation of the protocol'* && "$output" != *trained-on-test-rows* ]]
        run -0 qf-report --to $format bad.qf
        [[ "${output//$'\n'/ }" == *'The provenance proves violations'* ]]
        [[ "$output" == *trained-on-test-rows*'Test rows were among the training rows.'* ]]
    done
    run -0 bash -c 'cat good.qf bad.qf | qf-report'
    [[ "$output" == *$'\n'dummy*$'\n'dummy*bad*$'\n''  ! '*trained-on-test-rows* ]]
    run -0 bash -c 'cat good.qf bad.qf | qf-report --to csv'
    [[ "${lines[1]}" != *trained-on* && "${lines[2]}" == *,*trained-on-test-rows:* ]]
}

@test "hostile names are text, not markup" {
    # A column's name reaches the report as what gives the label away.
    printf '%s\n' 'a,"<img src=x onerror=alert(1)>|""`*_",y' > h.csv
    awk 'BEGIN { for (i = 1; i <= 120; i++) print i * 7919 % 1013 "," (i % 3 == 0) "," (i % 3 == 0) }' >> h.csv
    qf-import h.csv | qf-audit --quiet > h.qf || [ $? -eq 1 ]
    qf-split --test 0.3 h.qf | qf-train-classic --model tree > hostile-model.qf
    qf-split --test 0.3 --emit test h.qf | qf-predict --model hostile-model.qf |
        qf-score --variant '=cmd|calc' --label $'model=<script>x</script>|m,"x"\n\e[31m- b' > m.qf
    cat m.qf one.qf > both.qf
    for script in '<script' '<img' $'\e'; do
        [ "$(qf-report --to html --title '</title><script>' both.qf | grep -cF -- "$script")" -eq 0 ]
    done
    printf '</pre><script>x</script>\n' > audit.txt
    qf-report --to html --title '</title><script>' --audit audit.txt both.qf > page.html
    check_page page.html
    grep -qF 'leak-kept: &lt;img src=x onerror=alert(1)&gt;|&quot;`*_' page.html
    qf-report --to md both.qf > page.md
    grep -qF -- '- **leak-kept: \<img src=x onerror=alert(1)\>\|"\`\*\_**' page.md
    grep -qF -- '\<script\>x\</script\>\|m,"x"' page.md
    [ "$(grep -cE '^(- b|<)' page.md)" -eq 0 ]
    qf-report both.qf > page.txt
    [ "$(grep -c $'\e' page.txt)" -eq 0 ]
    [ "$(grep -c '^- b' page.txt)" -eq 0 ]
    qf-report --to csv both.qf > page.csv
    python3 - << 'END'
import csv
rows = list(csv.DictReader(open("page.csv", newline="")))
assert [len(row) for row in rows] == [30, 30], rows
assert rows[0]["model"] == '<script>x</script>|m,"x"\n\x1b[31m- b', rows[0]["model"]
assert rows[0]["variant"] == "'=cmd|calc", rows[0]["variant"]
assert rows[0]["violations"] == 'leak-kept:<img src=x onerror=alert(1)>|"`*_', rows[0]["violations"]
END
}

@test "no cell begins a formula, and numbers stay numbers" {
    for sign in = + - @; do
        qf-score --protocol "${sign}1+1" --label seed=-7 scores.qf | qf-report --to csv > m.csv
        [[ "$(tail -1 m.csv)" == "tree,,'${sign}1+1,-7,0.75,"* ]]
    done
    printf '%s\n' '=a,y' -1.5,0 -2,1 -3,1 | qf-import | qf-profile | qf-report --to csv > p.csv
    grep -q "'=a," p.csv
    [ "$(grep -c ',=a' p.csv)" -eq 0 ]
    grep -q ',-3,' p.csv
}

@test "metrics of tables" {
    qf-profile train.qf > p.qf
    for format in text md csv html; do qf-report --to $format p.qf > p.$format; done
    check_page p.html
    [ "$(head -c 7 p.csv)" = record, ]
    cat p.qf one.qf > mixed.qf
    expect_error 76 'qf-report: error: metrics of models and other records do not go into one report' qf-report mixed.qf
}

@test "two results of one name are refused, in CSV both stand" {
    cat one.qf one.qf > twice.qf
    expect_error 76 'qf-report: error: two results of model tree, variant (none), protocol (none), seed 1: score one of them with another --variant' \
        qf-report twice.qf
    [ "$(qf-report --to csv twice.qf | wc -l)" -eq 3 ]
}

@test "audit, published numbers and times" {
    printf 'warning order\n' > audit.txt
    printf 'model,note,accuracy,precision,recall,f1\ntree,as printed,91.5,,,90\n' > published.csv
    printf 'model,variant,protocol,seed,step,seconds\ntree,,,1,train,0.25\ntree,,,2,train,0.75\n' > times.csv
    for format in text md html; do
        run -0 qf-report --to $format --audit audit.txt --published published.csv --timings times.csv one.qf
        [[ "$output" == *'What the audit found'*'warning order'* ]]
        [[ "$output" == *'as printed'*0.915* ]]
        [ $format = text ] || [[ "$output" == *'0.500 s'* ]]
    done
    qf-report --to html --audit audit.txt --published published.csv --timings times.csv one.qf > page.html
    check_page page.html
    expect_error 66 'qf-report: error: none: No such file or directory' qf-report --audit none one.qf
    expect_error 74 'qf-report: error: .: Is a directory' qf-report --timings . one.qf
    expect_error 65 'qf-report: error: audit.txt: no column "model"' qf-report --published audit.txt one.qf
    printf 'model,accuracy\ntree\n' > published.csv
    expect_error 65 'qf-report: error: published.csv: row 1: expected 2 cells, got 1' qf-report --published published.csv one.qf
}

@test "usage, missing input, wrong type, a cut stream" {
    expect_error 64 'qf-report: error: --to: expected one of text, md, csv, html, got "pdf"' qf-report --to pdf one.qf
    expect_error 64 'qf-report: error: unexpected operand "b"; see qf-report --help' qf-report one.qf b
    expect_error 66 'qf-report: error: none.qf: No such file or directory' qf-report none.qf
    expect_error 65 'qf-report: error: scores.qf: expected a metrics stream, got a scores stream' qf-report scores.qf
    for bytes in 1 40 500; do
        head -c -$bytes several.qf > cut.qf
        for format in text md csv html; do
            run -65 --separate-stderr qf-report --to $format cut.qf
            [ -z "$output" ]
            [ "${#stderr_lines[@]}" -eq 1 ]
        done
    done
}

@test "a full disk and a reader that stops reading" {
    for format in text md csv html; do
        expect_error 74 'qf-report: error: standard output: No space left on device' \
            bash -c "qf-report --to $format several.qf > /dev/full"
    done
    for seed in $(seq 400); do qf-score --label seed=$seed scores.qf; done > many.qf
    [ "$(qf-report --to csv many.qf | wc -c)" -gt 80000 ] # more than a pipe holds
    run bash -c 'qf-report --to csv many.qf 2> line | head -c 10 > /dev/null; exit ${PIPESTATUS[0]}'
    [ "$status" -eq 141 ] || { [ "$status" -eq 74 ] && grep -q 'standard output: Broken pipe' line; }
    [ "$(wc -l < line)" -le 1 ]
}

@test "rows trained on show how far a model overfits, and are no results" {
    qf-predict --model model.qf train.qf | qf-score --part train > train.metrics
    cat one.qf train.metrics > both.qf
    for format in text csv; do cmp <(qf-report --to $format one.qf) <(qf-report --to $format both.qf); done
    # Of the 16 training rows the leaves of 1 and 3 frauds err once each: 14 are right.
    accuracy=$(qf-view --show records train.metrics | sed 's/.*"accuracy":\([0-9.]*\).*/\1/')
    [ "$accuracy" = 0.875 ]
    qf-report --to html both.qf > page.html
    check_page page.html
    grep -q '>+0.1250</td>' page.html
    grep -q '<title>training: 0.8750</title>' page.html
    grep -qx '| tree  |             0.8750 |         0.7500 |.*' <(qf-report --to md both.qf)
    run ! grep -q 'Training and test' <(qf-report --to html one.qf)
    expect_error 76 'qf-report: error: all metrics are of rows trained on: nothing to report' qf-report train.metrics
    expect_error 64 'qf-score: error: --part: expected one of test, train, got "all"' qf-score --part all scores.qf
    expect_error 64 'qf-score: error: --label: "part" is computed and cannot be set' qf-score --label part=train scores.qf
}

@test "chosen columns of CSV, published values of the same row" {
    qf-score --label criterion=f1 scores.qf > m.qf
    printf 'model,criterion,accuracy,f1\ntree,accuracy,91.4,\ntree,f1,91.9,90\nforest,f1,1,1\n' > p.csv
    run -0 qf-report --to csv --columns published_accuracy,model,criterion,accuracy,published_f1 --published p.csv m.qf
    [ "$output" = $'published_accuracy,model,criterion,accuracy,published_f1\n0.919,tree,f1,0.75,0.9' ]
    run -0 qf-report --published p.csv m.qf
    [[ "$output" == *0.919* && "$output" != *0.914* ]]
    expect_error 64 'qf-report: error: --columns needs --to csv' qf-report --columns model m.qf
    # A field that no record has is empty, as any that is missing.
    [ "$(qf-report --to csv --columns model,nothing m.qf)" = $'model,nothing\ntree,' ]
    expect_error 64 'qf-report: error: --columns: a name is empty' qf-report --to csv --columns model, m.qf
    expect_error 64 'qf-report: error: --columns: "published_f1" needs --published' qf-report --to csv --columns published_f1 m.qf
    expect_error 64 'qf-report: error: --columns: the published numbers have no column "mcc"' \
        qf-report --to csv --columns published_mcc --published p.csv m.qf
    expect_error 76 'qf-report: error: published_f1: 2 published rows are of model tree: give its metrics a label that is a column there' \
        qf-report --to csv --columns published_f1 --published p.csv one.qf
}

# Two models on three splits, scores a file a model; metrics, profile and tuning curves of two seeds.
make_material() {
    qf-synth --rows 600 --columns 8 --seed 4 | qf-audit --fix --quiet > all.qf
    qf-profile --correlations 5 all.qf > profile.qf
    for seed in 1 2 3; do
        qf-split --test 0.3 --seed $seed all.qf > rows.qf
        qf-split --test 0.3 --seed $seed --emit test all.qf > test.qf
        qf-train-classic --model forest --grid trees=1:9:2 --tune accuracy --cv 3 --curve curve.$seed.qf --seed $seed rows.qf > forest.model
        qf-train-classic --model tree --set alpha=0 rows.qf > tree.model
        for model in forest tree; do
            qf-predict --model $model.model test.qf > $model.part
            cat $model.part >> $model.qf
            qf-score --label seed=$seed $model.part >> metrics.qf
            qf-predict --model $model.model rows.qf | qf-score --part train --label seed=$seed >> metrics.qf
        done
    done
    cat curve.*.qf > curves.qf
    qf-compare forest.qf tree.qf > compared.qf
}

@test "figures, tuning curves, comparisons and correlations on one page" {
    make_material
    material=(--profile profile.qf --curves curves.qf --comparisons compared.qf metrics.qf)
    qf-report --to html "${material[@]}" > page.html
    check_page page.html
    for title in 'Which is better' 'Training and test' 'Precision and recall' 'Missed frauds and false alarms' Tuning Correlations; do
        grep -qF "<h2>$title</h2>" page.html
    done
    [ "$(grep -c '<title>accuracy of forest against its trees</title>' page.html)" -eq 1 ]
    grep -q 'Chosen: trees' page.html
    [ "$(grep -o 'class="bar training"' page.html | wc -l)" -eq 4 ]
    # Six test results, not twelve.
    [ "$(qf-report --to csv metrics.qf | tail -n +2 | wc -l)" -eq 6 ]
    [ "$(grep -o '<rect class="\(positive\|negative\)"' page.html | wc -l)" -eq 36 ]
    [ "$(grep -c 'Expected cost of a row' page.html)" -eq 2 ]
    cmp <(qf-report --to html "${material[@]}") page.html
    for format in text md; do
        run -0 qf-report --to $format "${material[@]}"
        tr '\n' ' ' <<< "$output" | grep -qE 'forest has 0\.[0-9]{4} (more|less) PR-AUC than tree \(95 % interval of the difference '
        [ "$(grep -cE '^forest, seed [123]: trees [13579], accuracy 0\.[0-9]{4}, of 5 values\.$' <<< "$output")" -eq 3 ]
        grep -q '^Largest correlations with fraud: ' <<< "$output"
    done
}

@test "comparisons alone, in words; files of another kind are refused" {
    make_material
    qf-report compared.qf > sentences.txt
    verdict=$(qf-view --show records compared.qf | sed 's/.*"verdict":"\([^"]*\).*/\1/')
    grep -qF ": $verdict" <(tr '\n' ' ' < sentences.txt)
    [ "$(wc -l < sentences.txt)" -le 6 ]
    qf-report --to html compared.qf > page.html
    check_page page.html
    qf-compare --metric brier tree.qf forest.qf > brier.qf
    qf-report brier.qf | tr '\n' ' ' | grep -qE 'tree has 0\.[0-9]{4} more Brier score than forest'
    [ "$(qf-report --to csv --columns first,second,verdict compared.qf)" = $'first,second,verdict\nforest,tree,'"$verdict" ]
    expect_error 65 'qf-report: error: metrics.qf: its metrics are not of qf-compare' qf-report --comparisons metrics.qf one.qf
    expect_error 65 'qf-report: error: metrics.qf: its metrics are not of qf-profile' qf-report --profile metrics.qf one.qf
    expect_error 65 'qf-report: error: metrics.qf: expected a curve stream, got a metrics stream' qf-report --curves metrics.qf one.qf
    for option in comparisons profile curves; do
        expect_error 66 'qf-report: error: none.qf: No such file or directory' qf-report --$option none.qf one.qf
    done
}
