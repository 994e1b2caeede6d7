# qf-profile: a table in, records of three kinds out.
bats_require_minimum_version 1.5.0
load helper

setup() {
    setup_directory
    qf-synth --rows 500 --columns 40 --seed 2 > t.qf
}

@test "a record for the table, one a column, and the matrix" {
    qf-profile t.qf | qf-view --show records > records
    [[ "$(head -1 records)" == '{"record":"table","target":"fraud","rows":500,"columns":41,"legitimate":367,"fraud":133,"fraud_share":0.266}' ]]
    [ "$(grep -c '^{"record":"column",' records)" -eq 41 ]
    [ "$(grep -c '^{"record":"correlation",' records)" -eq 30 ]
    [[ "$(tail -1 records)" == '{"record":"correlation","name":"fraud","correlation":1,"correlations":['*',1]}' ]]
    grep -q '"name":"index","distinct":500,"zero_share":0.002,"whole":1,"minimum":0,"lower_quartile":124.75,"median":249.5,"upper_quartile":374.25,"maximum":499,"mean":249.5,' records
}

@test "--correlations: none, or all that vary" {
    [ "$(qf-profile --correlations 0 t.qf | qf-view --show records | grep -c correlation\",)" -eq 0 ]
    qf-profile --correlations 1000 t.qf | qf-view --show records > records
    varying=$(grep '^{"record":"column"' records | grep -vc '"distinct":1,')
    [ "$(grep -c '^{"record":"correlation"' records)" -eq $((varying + 1)) ]
}

@test "the same bytes for any number of threads, from a pipe or a file" {
    qf-profile --threads 1 t.qf > 1.qf
    qf-profile --threads 2 t.qf | cmp - 1.qf
    qf-profile --threads 2 < t.qf > piped.qf
    cmp <(qf-view --show records 1.qf) <(qf-view --show records piped.qf)
}

@test "bad input, usage, a full disk" {
    head -c -9 t.qf > cut.qf
    run bash -c 'qf-profile cut.qf 2> line | qf-view --check 2> /dev/null'
    [ "$status" -eq 65 ]
    [ "$(wc -l < line)" -eq 1 ]
    grep -q '^qf-profile: error: cut.qf: byte .*: the stream is cut off' line
    qf-profile t.qf > p.qf
    run -65 qf-profile p.qf
    run -64 qf-profile --correlations -1 t.qf
    run -64 qf-profile --correlations 70000 t.qf
    expect_error 74 'qf-profile: error: standard output: No space left on device' \
        bash -c 'qf-profile t.qf > /dev/full'
}

@test "the real data set: the paper's Figure 1" {
    require_bank_csv
    qf-import "$BANK_CSV" | qf-audit --quiet --drop unnamed | qf-profile | qf-view --show records > records
    grep '^{"record":"correlation"' records | sed -E 's/.*"name":"([^"]*)","correlation":([0-9.]*),.*/\1 \2/' |
        head -10 | awk '{ printf "%s %.2f\n", $1, $2 }' > rows
    printf '%s\n' 'col_83 0.52' 'col_76 0.31' 'col_86 0.28' 'col_74 0.27' 'col_104 0.27' 'col_85 0.27' \
        'col_111 0.26' 'col_89 0.23' 'col_84 0.23' 'col_87 0.22' | cmp - rows
}
