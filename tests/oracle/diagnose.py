"""Writes tests/unit/diagnose_oracle.h: entanglement, quantum Fisher information and ranks of Jacobians, of PennyLane.

Usage: python3 diagnose.py > ../unit/diagnose_oracle.h     (pennylane 0.45)
"""

import numpy as onp
import pennylane as qml
from pennylane import numpy as np


def inputs(count):
    return 0.4 + 0.31 * onp.arange(count)


def weights(count):
    return np.array(0.3 + 0.17 * onp.arange(count), requires_grad=True)


def basic(n, layers, w):
    for layer in range(layers):
        for wire in range(n):
            qml.RX(w[layer * n + wire], wires=wire)
        for wire in range(n) if n > 2 else range(1):
            qml.CNOT(wires=[wire, (wire + 1) % n])


def strong(n, layers, w):
    for layer in range(layers):
        for wire in range(n):
            first = 3 * (layer * n + wire)
            qml.RZ(w[first], wires=wire)
            qml.RY(w[first + 1], wires=wire)
            qml.RZ(w[first + 2], wires=wire)
        for wire in range(n):
            qml.CNOT(wires=[wire, (wire + layer % (n - 1) + 1) % n])


def chain(gate):
    """Circuits 3 and 4 of Sim et al."""

    def build(n, layers, w):
        at = 0
        for _ in range(layers):
            for turn in (qml.RX, qml.RZ):
                for wire in range(n):
                    turn(w[at], wires=wire)
                    at += 1
            for wire in range(n - 1, 0, -1):
                gate(w[at], wires=[wire, wire - 1])
                at += 1

    return build


def sim9(n, layers, w):
    for layer in range(layers):
        for wire in range(n):
            qml.Hadamard(wires=wire)
        for wire in range(n - 1, 0, -1):
            qml.CZ(wires=[wire, wire - 1])
        for wire in range(n):
            qml.RX(w[layer * n + wire], wires=wire)


def paper(long):
    def ring(n):
        for wire in range(n):
            qml.CNOT(wires=[wire, (wire + 1) % n])

    def build(n, layers, w):
        at = iter(range(len(w)))

        def turns(gate, wires):
            for wire in wires:
                gate(w[next(at)], wires=wire)

        def cross():
            qml.CNOT(wires=[0, 2])
            qml.CNOT(wires=[2, 0])
            turns(qml.RY, [n - 1, n - 1])

        turns(qml.RY, range(n))
        ring(n)
        turns(qml.RY, range(n))
        cross()
        turns(qml.RY, range(n - 1))
        turns(qml.RY, range(n - 1))
        ring(n)
        turns(qml.RZ, range(n))
        if long:
            cross()
            turns(qml.RZ, range(n - 1))
            turns(qml.RY, range(n - 1))
            ring(n)
            turns(qml.RZ, range(n))

    return build


def embed(x):
    for wire, angle in enumerate(x):
        qml.RX(angle, wires=wire)


def meyer_wallach(state, n):
    purities = []
    for wire in range(n):
        matrix = onp.moveaxis(state.reshape([2] * n), wire, 0).reshape(2, -1)
        reduced = matrix @ matrix.conj().T
        purities.append(onp.trace(reduced @ reduced).real)
    return 2 * (1 - onp.mean(purities))


def fisher(build, n, layers, count):
    device = qml.device("default.qubit", wires=n)

    @qml.qnode(device)
    def outputs(w):
        embed(inputs(n))
        build(n, layers, w)
        return qml.expval(qml.PauliZ(0))

    @qml.qnode(device)
    def state(w):
        embed(inputs(n))
        build(n, layers, w)
        return qml.state()

    w = weights(count)
    return meyer_wallach(onp.asarray(state(w)), n), 4 * onp.real(onp.asarray(qml.adjoint_metric_tensor(outputs)(w)))


def jacobian_rank(build, n, layers, count, read):
    @qml.qnode(qml.device("default.qubit", wires=n), diff_method="backprop")
    def outputs(x, w):
        embed(x)
        build(n, layers, w)
        return [qml.expval(qml.PauliZ(wire)) for wire in range(read)]

    random = onp.random.default_rng(1)
    w = np.array(random.uniform(0, 2 * onp.pi, count), requires_grad=True)
    rows = []
    for _ in range(count + 4):
        x = np.array(random.uniform(0, 2 * onp.pi, n), requires_grad=False)
        rows.append(qml.jacobian(lambda w: np.stack(outputs(x, w)))(w))
    return onp.linalg.matrix_rank(onp.concatenate(rows), tol=1e-8)


print("/* Made by tests/oracle/diagnose.py with PennyLane 0.45. */")
print("/* Input i is 0.4 + 0.31 i, weight i is 0.3 + 0.17 i. */")
print("static const struct {")
print("    const char *ansatz;")
print("    size_t wires, layers, weights;")
print("    double entanglement; /* Meyer and Wallach's */")
print("    double fisher[121];  /* [weights][weights], quantum */")
print("} oracle_states[] = {")
for name, build, n, layers, count in (("basic", basic, 3, 2, 6), ("strong", strong, 3, 1, 9),
                                      ("sim3", chain(qml.CRZ), 3, 1, 8), ("sim4", chain(qml.CRX), 4, 1, 11)):
    entanglement, matrix = fisher(build, n, layers, count)
    values = ", ".join(repr(float(v)) for v in matrix.reshape(-1))
    print(f'    {{"{name}", {n}, {layers}, {count}, {float(entanglement)!r}, {{{values}}}}},')
print("};")
print("static const struct {")
print("    const char *ansatz;")
print("    size_t wires, layers, rank;")
print("} oracle_ranks[] = {")
for name, build, n, layers, count, read in (("short", paper(False), 4, 0, 20, 3), ("long", paper(True), 4, 0, 32, 3),
                                            ("basic", basic, 3, 2, 6, 3), ("strong", strong, 3, 2, 18, 3),
                                            ("sim4", chain(qml.CRX), 4, 2, 22, 4), ("sim9", sim9, 4, 2, 8, 4),
                                            ("sim9", sim9, 4, 3, 12, 4)):
    print(f'    {{"{name}", {n}, {layers}, {jacobian_rank(build, n, layers, count, read)}}},')
print("};")
