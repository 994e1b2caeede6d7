# qf-circuit: circuits listed, drawn and counted.
bats_require_minimum_version 1.5.0
load helper

setup() {
    setup_directory
}

@test "list names every circuit and map, and each of them can be drawn" {
    qf-circuit list > names
    [ "$(grep -c '^circuit ' names)" -eq 27 ]
    [ "$(grep -c '^map ' names)" -eq 8 ]
    while read -r kind name _; do
        qf-circuit draw "--$kind" "$name" > drawing
        [ "$(grep -c '<Z>' drawing)" -ge 3 ]
        qf-circuit draw "--$kind" "$name" --to svg > drawing.svg
        [[ "$(head -c 5 drawing.svg)" == '<svg ' && "$(tail -1 drawing.svg)" == '</svg>' ]]
    done < names
}

@test "a drawing as text" {
    qf-circuit draw --circuit sim19 --map ry --wires 2 > drawing
    diff drawing - <<'END'
 0 ─RY(x0)─RX(w0)─RZ(w2)─RX(w4)───●──── <Z>
                           │      │
 1 ─RY(x1)─RX(w1)─RZ(w3)───●────RX(w5)─ <Z>
END
    qf-circuit draw --map iqp --wires 2 --measure pauli:XY,ZI --map-layers 1 | tail -1 > line
    [ "$(cat line)" = '<XY>' ]
}

@test "statistics: the paper's circuits have five weights without effect" {
    qf-circuit --stats --circuit short | tail -3 > lines
    printf 'weights 21\nlive 16\ndead 5: w16 w17 w18 w19 w20\n' | cmp - lines
    qf-circuit draw --stats --circuit long | tail -1 > line
    [ "$(cat line)" = 'dead 5: w28 w29 w30 w31 w32' ]
    qf-circuit --stats --circuit sim1 --measure pauli:XIII --map z --wires 4 > lines
    [ "$(sed -n '/^live/p' lines)" = 'live 2' ]
}

@test "a seed chooses the axes of pauli-two-design" {
    qf-circuit draw --circuit pauli-two-design --seed 1 > one
    qf-circuit draw --circuit pauli-two-design --seed 1 | cmp - one
    run ! cmp -s one <(qf-circuit draw --circuit pauli-two-design --seed 2)
}

@test "usage, a full disk" {
    expect_error 64 'qf-circuit: error: expected list, draw or --stats, got "paint"' qf-circuit paint
    expect_error 64 'qf-circuit: error: there is no circuit "longest"' qf-circuit draw --circuit longest
    expect_error 64 'qf-circuit: error: short takes at least 3 wires, not 2' qf-circuit draw --circuit short --wires 2
    expect_error 64 'qf-circuit: error: short has no layers to repeat' qf-circuit draw --circuit short --layers 2
    expect_error 74 'qf-circuit: error: standard output: No space left on device' bash -c 'qf-circuit list > /dev/full'
}
