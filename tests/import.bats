# qf-import: CSV in, a table out; every refusal with its exact line.
bats_require_minimum_version 1.5.0
load helper

setup() {
    setup_directory
    printf 'id,a,"b, c",y\n0,1,-2.5,0\n1,3e2,4,1\n' > good.csv
}

# Skips where sanitizers map more memory than the test allows.
limit_memory() {
    ! grep -q __asan_init "$(command -v qf-import)" || skip "built with sanitizers"
}

# The rows of a CSV text given to printf, as JSON lines.
rows() {
    printf "$1" | qf-import "${@:2}" | qf-view --show records
}

@test "a file becomes rows with names, label and identity" {
    run qf-view --show records <(qf-import good.csv)
    [ "${lines[0]}" = '{"id":0,"a":1,"b, c":-2.5,"y":0,"@row":0,"@neighbour":-1}' ]
    [ "${lines[1]}" = '{"id":1,"a":300,"b, c":4,"y":1,"@row":1,"@neighbour":-1}' ]
    [ "${#lines[@]}" -eq 2 ]
}

@test "the form of the text does not matter" {
    expected=$(rows 'a,y\n1,0\n2.5,1\n')
    [ "$(rows 'a,y\r\n1,0\r\n2.5,1\r\n')" = "$expected" ]
    [ "$(rows '\xef\xbb\xbfa,y\n1,0\n2.5,1')" = "$expected" ]
    [ "$(rows '"a","y"\n"1","0"\n"2.5","1"\n')" = "$expected" ]
    [ "$(rows '\n\na,y\n\n 1 ,0.0\n   \n2.50,1.0\n\n')" = "$expected" ]
    [ "$(rows 'y,a\n0,1\n1,2.5\n' --target y)" = "$expected" ]
}

@test "columns without a header or without a name" {
    [ "$(rows '5,0\n' --no-header)" = '{"column_1":5,"column_2":0,"@row":0,"@neighbour":-1}' ]
    [ "$(rows ',,y\n5,6,0\n')" = '{"unnamed":5,"unnamed_2":6,"y":0,"@row":0,"@neighbour":-1}' ]
}

@test "a first line that may be a row is warned of" {
    printf '0.5,7,1\n3,4,0\n5,6,1\n' > numbers.csv
    run -0 --separate-stderr bash -c 'qf-import numbers.csv | qf-view --show records'
    [ "${#lines[@]}" -eq 2 ]
    [ "$stderr" = "qf-import: warning: numbers.csv: the first line names the columns, and reads like a row; if it is one, give --no-header" ]
    run -0 --separate-stderr bash -c 'qf-import --no-header numbers.csv | qf-view --show records'
    [ "${#lines[@]}" -eq 3 ]
    [ -z "$stderr" ]
    # Columns that a data frame numbers.
    printf '0,1,2\n3,4,0\n5,6,1\n' > frame.csv
    run -0 --separate-stderr bash -c 'qf-import frame.csv > frame.qf'
    [ -z "$stderr" ]
}

@test "reads of one byte give the same stream" {
    qf-import < good.csv > whole.qf
    while IFS= read -r -n 1 -d '' byte; do printf '%s' "$byte"; done < good.csv | qf-import > bytes.qf
    cmp whole.qf bytes.qf
}

@test "the file's digest is in the trailer, its base name in the provenance" {
    mkdir deep
    cp good.csv deep
    qf-import deep/good.csv > a.qf
    qf-import good.csv > b.qf
    cmp a.qf b.qf
    qf-view a.qf | grep -q "input: file $(sha256sum < good.csv | cut -d' ' -f1)"
    qf-view a.qf | grep -q 'qf-import .* good.csv$'
}

refuses() {
    printf "$1" > bad.csv
    expect_error 65 "qf-import: error: bad.csv: $2" qf-import bad.csv
    if qf-import bad.csv 2> /dev/null | qf-view --check 2> /dev/null; then false; fi
}

@test "bad files are refused with row and column" {
    refuses '' 'the file is empty'
    refuses 'a,y\n' 'the file has a header and no rows'
    refuses 'a,y\n1,0\n,1\n' 'row 2 (line 3), column "a": empty cell'
    refuses 'a,y\n1,\n' 'row 1 (line 2), column "y": empty cell'
    refuses 'a,y\n1,0\nNaN,1\n' 'row 2 (line 3), column "a": not a finite number: "NaN"'
    refuses 'a,y\ninf,1\n' 'row 1 (line 2), column "a": not a finite number: "inf"'
    refuses 'a,y\n1,0\n\n1,0,1\n' 'row 2 (line 4): expected 2 fields, got 3'
    refuses 'a,y\n1\n' 'row 1 (line 2): expected 2 fields, got 1'
    refuses 'a,y\nx,1\n' 'row 1 (line 2), column "a": not a number: "x"'
    refuses 'a,y\n1,2\n' 'row 1 (line 2), column "y": the label, which is the last column unless --target names it, must be 0 or 1: "2"'
    refuses 'a,a,y\n1,1,1\n' 'header: the name "a" occurs twice'
    refuses 'a,y\n"1,0\n' 'row 1 (line 2), column "a": a quote is not closed'
    refuses 'a,y\n1,0\n1,0"\n' 'row 2 (line 3), column "y": a quote inside a field'
    refuses 'a,y\n1\0,0\n' 'row 1 (line 2), column "a": a NUL byte: not a text file'
    refuses 'a;y\n1;0\n' 'line 1: one column: a feature and a label are needed, separated by commas, not semicolons'
}

@test "other failures" {
    expect_error 65 'qf-import: error: good.csv: no column is called "z"' qf-import --target z good.csv
    expect_error 66 'qf-import: error: none.csv: No such file or directory' qf-import none.csv
    expect_error 64 'qf-import: error: unexpected operand "b"; see qf-import --help' qf-import a b
    expect_error 74 'qf-import: error: standard output: No space left on device' \
        bash -c 'qf-import good.csv > /dev/full'
}

@test "a million cells in constant memory" {
    limit_memory
    qf-synth --rows 40000 --columns 30 | qf-export > big.csv
    (ulimit -v 60000; qf-import big.csv) | qf-view --check
}

@test "the real data set" {
    require_bank_csv
    qf-import "$BANK_CSV" > bank.qf
    [ "$(qf-view --show records bank.qf | wc -l)" -eq 20468 ]
    qf-view bank.qf | grep -q "input: file d18ef71741bd3a553239a17901e921919cec338c0d1d16440d334f246b350d80"
}
