"""Writes tests/unit/fidelity_oracle.h: fidelity kernels of feature maps, of PennyLane and Qiskit.

Usage: python3 fidelity.py > ../unit/fidelity_oracle.h     (pennylane 0.45, qiskit 2.6)
"""

import numpy as np
import pennylane as qml
from qiskit.circuit.library import PauliFeatureMap, ZFeatureMap, ZZFeatureMap
from qiskit.quantum_info import Statevector, state_fidelity

ROWS, WIRES = 9, 3


def row(index, columns):
    return np.sin(1.0 + 1.3 * index + 2.1 * np.arange(columns)) * 3


def pennylane(prepare):
    """qml.kernels' own way: the probability of |0...0> after one map and the other's inverse."""

    @qml.qnode(qml.device("default.qubit", wires=WIRES))
    def overlap(x, z):
        prepare(x)
        qml.adjoint(prepare)(z)
        return qml.probs(wires=range(WIRES))

    return lambda rows: qml.kernels.kernel_matrix(rows, rows, lambda x, z: overlap(x, z)[0])


def pennylane_states(prepare):
    """From the states: an amplitude embedding of the simulator cannot be undone."""

    @qml.qnode(qml.device("default.qubit", wires=WIRES))
    def state(x):
        prepare(x)
        return qml.state()

    def kernel(rows):
        states = np.array([state(x) for x in rows])
        return np.abs(states.conj() @ states.T) ** 2

    return kernel


def qiskit(feature_map):
    def state(x):
        ordered = sorted(feature_map.parameters, key=lambda parameter: parameter.index)
        return Statevector(feature_map.assign_parameters(dict(zip(ordered, x))))

    def kernel(rows):
        states = [state(x) for x in rows]
        return np.array([[state_fidelity(a, b) for b in states] for a in states])

    return kernel


wires = range(WIRES)
cases = [
    ("rx", 0, None, WIRES, pennylane(lambda x: qml.AngleEmbedding(x, wires=wires, rotation="X"))),
    ("ry", 0, None, WIRES, pennylane(lambda x: qml.AngleEmbedding(x, wires=wires, rotation="Y"))),
    ("iqp", 0, None, WIRES, pennylane(lambda x: qml.IQPEmbedding(x, wires=wires))),
    ("iqp", 2, None, WIRES, pennylane(lambda x: qml.IQPEmbedding(x, wires=wires, n_repeats=2))),
    ("amplitude", 0, None, 2**WIRES, pennylane_states(
        lambda x: qml.AmplitudeEmbedding(x, wires=wires, normalize=True))),
    ("amplitude", 0, None, 6, pennylane_states(
        lambda x: qml.AmplitudeEmbedding(x, wires=wires, normalize=True, pad_with=0))),
    ("z", 0, None, WIRES, qiskit(ZFeatureMap(WIRES).decompose())),
    ("zz", 0, None, WIRES, qiskit(ZZFeatureMap(WIRES).decompose())),
    ("zz", 1, None, WIRES, qiskit(ZZFeatureMap(WIRES, reps=1).decompose())),
    # Qiskit's strings begin with the highest wire, ours with the lowest.
    ("pauli", 2, "X,XYZ", WIRES, qiskit(PauliFeatureMap(WIRES, reps=2, paulis=["X", "ZYX"]).decompose())),
]

print("/* Made by tests/oracle/fidelity.py with PennyLane 0.45 and Qiskit 2.6: of rows")
print(" * 3 sin(1 + 1.3 row + 2.1 column), the kernel's values below the diagonal, row by row. */")
print(f"enum {{ ORACLE_ROWS = {ROWS}, ORACLE_WIRES = {WIRES} }};")
print("static const struct {")
print("    const char *map;")
print("    size_t layers;")
print("    const char *paulis;")
print("    size_t columns;")
print("    double values[ORACLE_ROWS * (ORACLE_ROWS - 1) / 2];")
print("} oracle_maps[] = {")
for name, layers, paulis, columns, kernel in cases:
    matrix = kernel(np.array([row(i, columns) for i in range(ROWS)]))
    values = ", ".join(repr(float(matrix[i, j])) for i in range(ROWS) for j in range(i))
    strings = f'"{paulis}"' if paulis else "NULL"
    print(f'    {{"{name}", {layers}, {strings}, {columns}, {{{values}}}}},')
print("};")
