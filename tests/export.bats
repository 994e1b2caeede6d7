# qf-export: streams in the formats of other programs.
bats_require_minimum_version 1.5.0
load helper

setup() {
    setup_directory
    printf 'id,"b, ""c""", d ,y\n0,0.1,-2.5e-7,0\n1,123456789.125,1e300,1\n' > small.csv
    qf-import small.csv > small.qf
}

# Skips where sanitizers map more memory than the test allows.
limit_memory() {
    ! grep -q __asan_init "$(command -v qf-export)" || skip "built with sanitizers"
}

@test "csv: quoted names, the fewest digits, the label last" {
    run qf-export --to csv small.qf
    [ "${lines[0]}" = 'id,"b, ""c""",d,y' ]
    [ "${lines[1]}" = '0,0.1,-2.5e-07,0' ]
    [ "${lines[2]}" = '1,123456789.125,1e+300,1' ]
    [ "${#lines[@]}" -eq 3 ]
}

@test "csv imports back to the same table" {
    qf-synth --rows 400 --columns 70 > synth.qf
    qf-export synth.qf | qf-import > again.qf
    cmp <(qf-view --show records synth.qf) <(qf-view --show records again.qf)
    printf '%s\n' 'a,b,y' 0.1,1e-320,0 0.30000000000000004,-0,1 1e22,5e-324,0 |
        qf-import > hard.qf
    cmp <(qf-view --show records hard.qf) <(qf-export hard.qf | qf-import | qf-view --show records)
}

@test "jsonl is what qf-view prints" {
    cmp <(qf-export --to jsonl small.qf) <(qf-view --show records small.qf)
}

@test "concatenated tables have one header, and must agree" {
    cat small.qf small.qf | qf-export > twice.csv
    [ "$(wc -l < twice.csv)" -eq 5 ]
    qf-synth --rows 50 --columns 4 > other.qf
    cat small.qf other.qf > both.qf
    run --separate-stderr qf-export both.qf
    [ "$status" -eq 76 ]
    [ "$stderr" = 'qf-export: error: both.qf: the concatenated streams differ in their columns' ]
}

@test "npy and npz hold what csv holds" {
    /usr/bin/python3 -c 'import numpy' 2> /dev/null || skip "python3-numpy is not here"
    qf-synth --rows 700 --columns 68 > synth.qf
    qf-export --to csv synth.qf > synth.csv
    qf-export --to npy synth.qf > synth.npy
    qf-export --to npz synth.qf > synth.npz
    /usr/bin/python3 - <<'PYTHON'
import zipfile
import numpy as np
csv = np.loadtxt("synth.csv", delimiter=",", skiprows=1)
assert zipfile.ZipFile("synth.npz").testzip() is None
archive = np.load("synth.npz")
assert np.array_equal(np.load("synth.npy"), csv)
assert np.array_equal(archive["x"], csv[:, :-1]) and archive["x"].dtype == np.float64
assert np.array_equal(archive["y"], csv[:, -1]) and archive["y"].dtype == np.uint8
assert np.array_equal(archive["origin"], [[row, -1] for row in range(700)])
assert list(archive["columns"]) == open("synth.csv").readline().split(",")[:-1]
assert str(archive["target"]) == "fraud"
PYTHON
}

@test "names beyond ASCII survive in npz" {
    /usr/bin/python3 -c 'import numpy' 2> /dev/null || skip "python3-numpy is not here"
    printf 'größe,金額,😀,y\n1,2,3,0\n4,5,6,1\n' | qf-import | qf-export --to npz > names.npz
    /usr/bin/python3 -c '
import numpy
assert list(numpy.load("names.npz")["columns"]) == ["größe", "金額", "😀"]'
}

@test "a stream that is cut or of the wrong type" {
    head -c -5 small.qf > cut.qf
    for format in csv jsonl npy npz; do
        run qf-export --to $format cut.qf
        [ "$status" -eq 65 ]
        run qf-export --to $format small.csv
        [ "$status" -eq 65 ]
    done
    [ -z "$(qf-export --to npy cut.qf 2> /dev/null)" ]
}

@test "other failures" {
    for format in csv jsonl npy npz; do
        expect_error 74 'qf-export: error: standard output: No space left on device' \
            bash -c "qf-export --to $format small.qf > /dev/full"
    done
    expect_error 64 'qf-export: error: --to: expected one of csv, jsonl, npy, npz, got "xml"' \
        qf-export --to xml
    expect_error 66 'qf-export: error: none.qf: No such file or directory' qf-export none.qf
}

@test "rows stream in constant memory" {
    limit_memory
    qf-synth --rows 100000 --columns 30 > big.qf
    (ulimit -v 60000; qf-export big.qf | tail -n 1 > /dev/null)
    (ulimit -v 60000; qf-export --to npz big.qf > big.npz)
}
