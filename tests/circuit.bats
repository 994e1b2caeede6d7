# qf-circuit: circuits listed, drawn and counted, and between OpenQASM, streams and models.
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

# A program with inputs of other names, arithmetic in angles, and one of its qubits measured.
write_program() {
    cat > mine.qasm <<'END'
OPENQASM 3.0;
include "stdgates.inc";
input float amount; input float theta; input float age;
qubit[2] q;
bit c;
ry(2*amount) q[0];
rx(age*amount) q[1];
crz(sin(theta)/2) q[0], q[1];
c = measure q[1];
END
}

@test "OpenQASM in: --inputs says which are features, --measure what is measured" {
    write_program
    qf-circuit import --inputs 'a*' mine.qasm > mine.qf
    qf-view --check mine.qf
    qf-view mine.qf | sed -n '1,2p' > lines
    printf 'type: circuit\nparameters: {"wires":2,"inputs":2,"weights":1,"outputs":1}\n' | cmp - lines
    qf-circuit draw mine.qf > drawing
    diff drawing - <<'END'
 0 ─RY(2*x0)─────────●────────
                     │
 1 ─RX(x1*x0)─RZ(0.5*sin(w0))─ <Z>
END
    qf-circuit draw --inputs 'a*' mine.qasm | cmp - drawing
    qf-circuit import --inputs 'a*' < mine.qasm > stdin.qf
    qf-circuit draw - < stdin.qf | cmp - drawing
    [ "$(qf-circuit --stats mine.qf | sed -n '/^live/p')" = 'live 0' ]
    qf-circuit import --measure pauli:XX mine.qf > xx.qf
    [ "$(qf-circuit --stats xx.qf | sed -n '/^live/p')" = 'live 1' ]
}

@test "OpenQASM out and in again is the same, through streams, too" {
    for circuit in short strong sim14 real-amplitudes; do
        qf-circuit export --to qasm3 --map iqp --circuit $circuit > one.qasm
        qf-circuit import one.qasm > one.qf
        qf-circuit export one.qf | cmp - one.qasm
        qf-circuit import one.qf > two.qf
        qf-circuit export two.qf | cmp - one.qasm
    done
}

@test "what reading makes simpler stays as it is then" {
    qf-circuit export --map zz --circuit short | qf-circuit import > one.qf
    qf-circuit export one.qf > one.qasm
    qf-circuit import one.qasm | qf-circuit export - | cmp - one.qasm
}

@test "values for the weights, and for the inputs the columns of a row" {
    printf 'a,b,y\n0.5,0.25,0\n0.1,-2,1\n' | qf-import > table.qf
    qf-circuit export --to qasm2 --circuit sim9 --wires 2 --weights random --seed 3 --table table.qf --row 1 > two.qasm
    [ "$(head -1 two.qasm)" = 'OPENQASM 2.0;' ]
    [ "$(sed -n '/^rx/p' two.qasm | head -2 | tr '\n' ' ')" = 'rx(0.10000000000000001) q[0]; rx(-2.0) q[1]; ' ]
    qf-circuit export --to qasm2 --circuit sim9 --wires 2 --weights random --seed 3 --table table.qf --row 1 | cmp - two.qasm
    qf-circuit export --to qasm2 --circuit sim9 --wires 2 --weights random --seed 4 --table table.qf --row 1 > other.qasm
    run ! cmp -s two.qasm other.qasm
    qf-circuit --stats two.qasm | sed -n '/^inputs\|^weights/p' > lines
    printf 'inputs 0\nweights 0\n' | cmp - lines
    expect_error 76 'qf-circuit: error: the circuit takes 3 inputs, the table has 2 columns' \
        qf-circuit export --map rx --wires 3 --table table.qf --row 1
    expect_error 76 'qf-circuit: error: the table has no original row 2' \
        qf-circuit export --map rx --wires 2 --table table.qf --row 2
}

@test "a trained circuit goes out with its angles, bound to a row as the model sees it" {
    qf-synth --rows 300 --columns 8 > table.qf
    qf-train-qnn --layers 3 --circuit long --epochs 1 table.qf > model.qf
    qf-circuit export model.qf > trained.qasm
    [ "$(grep -c '^input float' trained.qasm)" -eq 3 ]
    # Every trained angle of the stream stands in the program, to the last digit.
    qf-view --show records model.qf | sed -n 's/.*"array":"weights_1".*"data":\[\(.*\)\]}/\1/p' | tr ',' '\n' > weights
    [ "$(wc -l < weights)" -eq 25 ]
    qf-circuit export --weights open model.qf > open.qasm
    sed 's/x\([0-9]\)/0.0/' open.qasm | sed -n 's/^r[xyz](\(.*\)) .*/\1/p' | sed -n 's/^w//p' > order
    sed -n 's/^r[xyz](\([-0-9.e]*\)) .*/\1/p' trained.qasm > angles
    paste order angles | while read -r weight angle; do
        awk -v a="$(sed -n "$((weight + 1))p" weights)" -v b="$angle" 'BEGIN { exit !(a == b) }'
    done
    [ "$(wc -l < order)" -eq 24 ]
    # Drawn, it shows them.
    qf-circuit draw model.qf | grep -q 'RY(w0)'
    qf-circuit export model.qf | qf-circuit draw - > drawing
    grep -q "RX(x0)─RY($(awk 'NR == 1 { printf "%.5g", $1 }' weights))" drawing
    run ! grep -q 'w[0-9]' drawing
    qf-circuit export --to qasm2 --table table.qf --row 7 model.qf > row.qasm
    qf-circuit draw row.qasm > drawing
    run ! grep -q '[xw][0-9]' drawing
    # Only other columns show that the row goes through the dense layer.
    qf-circuit export --to qasm2 --table table.qf --row 8 model.qf > other.qasm
    run ! cmp -s row.qasm other.qasm
    qf-synth --rows 300 --columns 7 > other.qf
    run qf-circuit export --table other.qf --row 7 model.qf
    [ "$status" -eq 76 ]
    expect_error 65 'qf-circuit: error: dummy.qf: a model of kind dummy has no circuit' \
        bash -c 'qf-train-classic --model dummy table.qf > dummy.qf; qf-circuit draw dummy.qf'
    expect_error 65 'qf-circuit: error: twin.qf: the twin "cosine" has no circuit' \
        bash -c 'qf-train-qnn --quantum cosine --epochs 1 table.qf > twin.qf; qf-circuit export twin.qf'
}

@test "what is wrong with a program, with its line and column" {
    write_program
    sed -i '7s/.*/if (c) x q[0];/' mine.qasm
    expect_error 65 'qf-circuit: error: mine.qasm: line 7, column 1: "if": control flow is not supported' \
        qf-circuit import mine.qasm
    sed -i '7s/.*/  reset q[0];/' mine.qasm
    expect_error 65 'qf-circuit: error: mine.qasm: line 7, column 3: "reset": reset is not supported' \
        qf-circuit draw mine.qasm
    expect_error 65 'qf-circuit: error: standard input: line 7, column 3: "reset": reset is not supported' \
        bash -c 'qf-circuit import < mine.qasm'
    sed -i '7d' mine.qasm
    expect_error 64 'qf-circuit: error: mine.qasm: no input of the circuit matches "z*"' \
        qf-circuit import --inputs 'z*' mine.qasm
    expect_error 64 'qf-circuit: error: mine.qasm: measurement: "2" is not a wire from 0 to 1' \
        qf-circuit import --measure z:2 mine.qasm
    expect_error 66 'qf-circuit: error: none.qasm: No such file or directory' qf-circuit draw none.qasm
    qf-circuit import mine.qasm > mine.qf
    expect_error 64 'qf-circuit: error: mine.qf: the inputs of a circuit stream are settled' \
        qf-circuit draw --inputs 'a*' mine.qf
    head -c -30 mine.qf > cut.qf
    run qf-circuit draw cut.qf
    [ "$status" -eq 65 ]
    cat mine.qf mine.qf > two.qf
    run qf-circuit draw two.qf
    [ "$status" -eq 65 ]
    qf-synth --rows 100 --columns 3 > table.qf
    expect_error 65 'qf-circuit: error: table.qf: expected OpenQASM or a circuit stream, got a table stream' \
        qf-circuit draw table.qf
}

@test "hostile programs: names taken, and what would expand without end" {
    printf 'OPENQASM 2.0;\nqreg cp[2];\ninclude "qelib1.inc";\ncu1(1) cp[0], cp[1];\n' > names.qasm
    [ "$(qf-circuit --stats names.qasm | sed -n '/^gates/p')" = 'gates 1' ]
    printf 'OPENQASM 2.0;\nqreg cu[2];\ninclude "qelib1.inc";\n' > names.qasm
    expect_error 65 'qf-circuit: error: names.qasm: line 3, column 9: cu3 needs a gate whose name stands for another thing' \
        qf-circuit draw names.qasm
    {
        printf 'include "stdgates.inc";\ngate g0 a { h a; h a; }\n'
        for i in $(seq 60); do echo "gate g$i a { g$((i - 1)) a; g$((i - 1)) a; }"; done
    } > laughs.qasm
    expect_error 65 'qf-circuit: error: laughs.qasm: line 20, column 21: the circuit expands to too much: at most 1048576 gates' \
        qf-circuit draw laughs.qasm
    expect_error 64 'qf-circuit: error: a circuit has at most 1048576 gates' \
        qf-circuit --stats --circuit strong --wires 40 --layers 1000 --uploads 1000
}

@test "angles outside the domain of their expressions" {
    printf 'include "stdgates.inc";\ninput float x0;\ninput float w;\nqubit q;\nrx(w*arcsin(x0)) q;\nrz(x0) q;\n' > arcsin.qasm
    qf-circuit --stats arcsin.qasm | tail -2 > lines
    printf 'live 1\ndead 0\n' | cmp - lines
    expect_error 65 'qf-circuit: error: at random weights and inputs an angle is not a finite number' \
        qf-circuit --diagnose arcsin.qasm
    sed -i 's/x0)) q/x0-100)) q/' arcsin.qasm
    expect_error 65 'qf-circuit: error: at random weights and inputs an angle is not a finite number' \
        qf-circuit --stats arcsin.qasm
}

@test "options that do not fit" {
    write_program
    expect_error 64 'qf-circuit: error: --circuit does not go with a FILE' qf-circuit draw --circuit long mine.qasm
    expect_error 64 'qf-circuit: error: --inputs goes with a FILE' qf-circuit draw --inputs 'a*'
    expect_error 64 'qf-circuit: error: --weights goes with export' qf-circuit draw --weights random mine.qasm
    expect_error 64 'qf-circuit: error: --row goes with export' qf-circuit --stats --row 3 mine.qasm
    expect_error 64 'qf-circuit: error: draw goes --to text or svg' qf-circuit draw --to qasm3 mine.qasm
    expect_error 64 'qf-circuit: error: export goes --to qasm2 or qasm3' qf-circuit export --to svg mine.qasm
    expect_error 64 'qf-circuit: error: --row and --table go together' qf-circuit export --row 1 mine.qasm
    expect_error 64 'qf-circuit: error: only a model has trained weights' qf-circuit export --weights trained mine.qasm
    expect_error 64 'qf-circuit: error: OpenQASM 2 has no parameters: inputs need values' \
        qf-circuit export --to qasm2 --inputs 'a*' --weights random mine.qasm
    expect_error 65 'qf-circuit: error: a circuit that starts with amplitudes cannot be written: OpenQASM starts with all qubits in state 0' \
        qf-circuit export --map amplitude
}

@test "usage, a full disk" {
    expect_error 64 'qf-circuit: error: expected list, draw, export, import, --stats or --diagnose, got "paint"' qf-circuit paint
    expect_error 64 'qf-circuit: error: list takes no FILE, got "x"' qf-circuit list x
    expect_error 64 'qf-circuit: error: there is no circuit "longest"' qf-circuit draw --circuit longest
    expect_error 64 'qf-circuit: error: short takes at least 3 wires, not 2' qf-circuit draw --circuit short --wires 2
    expect_error 64 'qf-circuit: error: short has no layers to repeat' qf-circuit draw --circuit short --layers 2
    expect_error 74 'qf-circuit: error: standard output: No space left on device' bash -c 'qf-circuit list > /dev/full'
}
