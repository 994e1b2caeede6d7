"""Writes tests/unit/noise_oracle.h: noisy circuits on PennyLane's mixed-state device, and their gradients.

Usage: python3 noise.py > ../unit/noise_oracle.h     (pennylane 0.45, autograd)

Readout errors are a channel of our own, K = sqrt(chance of reading i where j is) |i><j|, behind turns into the measured
basis: readout_prob of this release of default.mixed does not run.
"""

import numpy
import pennylane as qml
from pennylane import numpy as np

GATES = {  # qf's name: wires, angles, PennyLane's gate
    "H": (1, 0, lambda a, w: qml.Hadamard(w)),
    "X": (1, 0, lambda a, w: qml.PauliX(w)),
    "SX": (1, 0, lambda a, w: qml.SX(w)),
    "SDG": (1, 0, lambda a, w: qml.adjoint(qml.S(w))),
    "T": (1, 0, lambda a, w: qml.T(w)),
    "I": (1, 0, lambda a, w: qml.Identity(w)),
    "RX": (1, 1, lambda a, w: qml.RX(a[0], w)),
    "RY": (1, 1, lambda a, w: qml.RY(a[0], w)),
    "RZ": (1, 1, lambda a, w: qml.RZ(a[0], w)),
    "U": (1, 3, lambda a, w: qml.U3(a[0], a[1], a[2], w)),
    "CNOT": (2, 0, lambda a, w: qml.CNOT(w)),
    "CZ": (2, 0, lambda a, w: qml.CZ(w)),
    "CY": (2, 0, lambda a, w: qml.CY(w)),
    "SWAP": (2, 0, lambda a, w: qml.SWAP(w)),
    "CRX": (2, 1, lambda a, w: qml.CRX(a[0], w)),
    "CRZ": (2, 1, lambda a, w: qml.CRZ(a[0], w)),
    "RYY": (2, 1, lambda a, w: qml.IsingYY(a[0], w)),
    "CCX": (3, 0, lambda a, w: qml.Toffoli(w)),
}
CHANNELS = {
    "bit-flip": qml.BitFlip,
    "phase-flip": qml.PhaseFlip,
    "depolarising": qml.DepolarizingChannel,
    "amplitude-damping": qml.AmplitudeDamping,
    "phase-damping": qml.PhaseDamping,
}
LONG = (  # the paper's longer circuit behind its embedding: gates, wires, angles
    [("RX", [w], [("INPUT", w)]) for w in range(4)]
    + [("RY", [w], [("WEIGHT", w)]) for w in range(4)]
    + [("CNOT", [w, (w + 1) % 4], []) for w in range(4)]
    + [("RY", [w], [("WEIGHT", 4 + w)]) for w in range(4)]
    + [("CNOT", [0, 2], []), ("CNOT", [2, 0], [])]
    + [("RY", [3], [("WEIGHT", 8)]), ("RY", [3], [("WEIGHT", 9)])]
    + [("RZ", [w], [("WEIGHT", 10 + w)]) for w in range(3)]
    + [("CNOT", [w, (w + 1) % 4], []) for w in range(4)]
)


def random_circuit(rng, wires, count, inputs, weights):
    gates = [("RX", [w], [("INPUT", w % inputs)]) for w in range(wires)]
    names = [name for name, (size, _, _) in GATES.items() if size <= wires]
    for _ in range(count):
        name = names[rng.integers(len(names))]
        size, angles, _ = GATES[name]
        chosen = [int(w) for w in rng.permutation(wires)[:size]]
        sources = [("INPUT", int(rng.integers(inputs))) if rng.random() < 0.2 else ("WEIGHT", int(rng.integers(weights)))
                   for _ in range(angles)]
        gates.append((name, chosen, sources))
    return gates


def parse(noise):
    """Channels in order, and chances of misreading 0 and 1 for each wire named (None: all)."""
    channels, readout = [], {}
    for entry in noise.split(","):
        name, value = entry.split(":")
        if name.startswith("readout"):
            chances = [float(v) for v in value.split("/")]
            readout[int(name[8:]) if "@" in name else None] = (chances[0], chances[-1])
        else:
            channels.append((CHANNELS[name], float(value)))
    return channels, readout


def misread(wire, readout):
    e0, e1 = readout.get(wire, readout.get(None, (0, 0)))
    if e0 == e1 == 0:
        return
    matrix = [[1 - e0, e1], [e0, 1 - e1]]
    operators = []
    for i in range(2):
        for j in range(2):
            operator = numpy.zeros((2, 2))
            operator[i, j] = matrix[i][j] ** 0.5
            operators.append(operator)
    qml.QubitChannel(operators, wires=wire)


def outputs(case, x, w):
    channels, readout = parse(case["noise"])
    device = qml.device("default.mixed", wires=case["wires"])

    def gates():
        for name, wires, sources in case["gates"]:
            GATES[name][2]([(x if source == "INPUT" else w)[index] for source, index in sources], wires)
            if not case["at_end"]:
                hit(wires)
        if case["at_end"]:
            hit(range(case["wires"]))

    def hit(wires):
        for wire in wires:
            for channel, strength in channels:
                channel(strength, wires=wire)

    @qml.qnode(device, diff_method="backprop")
    def pauli(string):
        gates()
        measured = [wire for wire, letter in enumerate(string) if letter != "I"]
        for wire in measured:
            if string[wire] == "Y":
                qml.adjoint(qml.S(wire))
            if string[wire] in "XY":
                qml.Hadamard(wire)
            misread(wire, readout)
        return qml.expval(qml.prod(*[qml.PauliZ(wire) for wire in measured]))

    @qml.qnode(device, diff_method="backprop")
    def chances(wires):
        gates()
        for wire in wires:
            misread(wire, readout)
        return qml.probs(wires=wires)

    values = [pauli(string) for string in case["strings"]]
    if case["probabilities"]:
        values += list(chances(case["probabilities"]))
    return np.stack(values)


def print_case(case):
    x = np.array(case["inputs"], requires_grad=True)
    w = np.array(case["weights"], requires_grad=True)
    found = outputs(case, x, w)
    factors = np.array([0.7 - 0.4 * o for o in range(len(found))])  # of the outputs in what is differentiated

    def total(x, w):
        return np.sum(factors * outputs(case, x, w))

    by_inputs, by_weights = qml.grad(total, argnums=[0, 1])(x, w)

    def numbers(values):
        return "{" + ", ".join(repr(float(v)) for v in values) + "}"

    gates = []
    for name, wires, sources in case["gates"]:
        angles = ", ".join(f"{{QF_ANGLE_{source}, {index}, 1, 0}}" for source, index in sources)
        gates.append(f"{{QF_GATE_{name}, {{{', '.join(map(str, wires))}}}, {{{angles or '{0}'}}}, 0, false}}")
    strings = ", ".join(f'"{s}"' for s in case["strings"])
    mask = sum(1 << wire for wire in case["probabilities"])
    print(f"    {{.noise = \"{case['noise']}\",\n     .at_end = {str(case['at_end']).lower()},\n"
          f"     .wires = {case['wires']},\n     .inputs = {len(x)},\n     .weights = {len(w)},\n"
          f"     .gate_count = {len(gates)},\n     .gates = {{{', '.join(gates)}}},\n"
          f"     .strings = {{{strings}}},\n     .probabilities = {mask},\n"
          f"     .outputs = {numbers(found)},\n     .by_inputs = {numbers(by_inputs)},\n"
          f"     .by_weights = {numbers(by_weights)}}},")


def make(gates, wires, inputs, weights, noise, at_end, strings, probabilities):
    return {"gates": gates, "wires": wires, "noise": noise, "at_end": at_end, "strings": strings,
            "probabilities": probabilities, "inputs": [0.4 + 0.31 * i for i in range(inputs)],
            "weights": [0.3 + 0.17 * i for i in range(weights)]}


print("/* Made by tests/oracle/noise.py with PennyLane 0.45, default.mixed: input i is 0.4 + 0.31 i, weight i is")
print(" * 0.3 + 0.17 i; gradients are of the sum of (0.7 - 0.4 o) times output o. */")
print("static const struct oracle_noise {")
print("    const char *noise;\n    bool at_end;\n    size_t wires, inputs, weights, gate_count;\n    qf_gate gates[64];")
print("    const char *strings[4];\n    uint64_t probabilities;")
print("    double outputs[16], by_inputs[4], by_weights[16];\n} oracle_noise[] = {")
Z = ["ZIII", "IZII", "IIZI"]
for noise in ("bit-flip:0.05", "phase-flip:0.1", "depolarising:0.03", "amplitude-damping:0.08", "phase-damping:0.12"):
    print_case(make(LONG, 4, 4, 13, noise, False, Z, []))
print_case(make(LONG, 4, 4, 13, "amplitude-damping:0.2,bit-flip:0.1,readout:0.02/0.05", False, Z, []))
print_case(make(LONG, 4, 4, 13, "depolarising:0.3,readout@1:0.1", True, ["ZZII", "XIYI", "ZYXZ"], []))
print_case(make(LONG, 4, 4, 13, "bit-flip:1,depolarising:0.75", True, Z, []))
print_case(make(LONG, 4, 4, 13, "readout:0.03/0.1", False, ["ZZII", "XIYI"], [0, 2]))
rng = numpy.random.default_rng(5)
mixed = "bit-flip:0.02,amplitude-damping:0.05,phase-flip:0.03,phase-damping:0.04,depolarising:0.01,readout:0.02/0.06"
for wires, strings, probabilities in ((1, ["X"], [0]), (2, ["ZY", "IX"], [1]), (3, ["XYZ", "ZIZ"], [0, 2]),
                                      (3, ["YII"], [0, 1, 2]), (4, ["XXYZ", "IIZI"], [1, 3])):
    for at_end in (False, True):
        print_case(make(random_circuit(rng, wires, 22, 2, 6), wires, 2, 6, mixed, at_end, strings, probabilities))
print("};")
