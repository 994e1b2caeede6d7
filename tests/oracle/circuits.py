"""Writes tests/unit/circuits_oracle.h: <Z> of every wire after built-in circuits, of PennyLane and Qiskit.

Usage: python3 circuits.py > ../unit/circuits_oracle.h     (pennylane 0.45, qiskit 2.6)
"""

import numpy as np
import pennylane as qml
from qiskit import QuantumCircuit
from qiskit.circuit.library import (EfficientSU2, PauliFeatureMap, RealAmplitudes, TwoLocal, ZFeatureMap,
                                    ZZFeatureMap)
from qiskit.quantum_info import Pauli, Statevector


def inputs(count):
    return 0.4 + 0.31 * np.arange(count)


def weights(count):
    return 0.3 + 0.17 * np.arange(count)


def pennylane(wires, prepare, layers):
    def circuit():
        prepare()
        layers()
        return [qml.expval(qml.PauliZ(wire)) for wire in range(wires)]

    return qml.QNode(circuit, qml.device("default.qubit", wires=wires))()


def bind(circuit, values):
    ordered = sorted(circuit.parameters, key=lambda parameter: parameter.index)
    return circuit.assign_parameters(dict(zip(ordered, values(len(ordered)))))


def qiskit(wires, feature_map, ansatz):
    """RX embedding where there is no feature map, a basic entangling layer where there is no ansatz."""
    circuit = QuantumCircuit(wires)
    if feature_map:
        circuit.compose(bind(feature_map, inputs), inplace=True)
    else:
        for wire in range(wires):
            circuit.rx(inputs(wires)[wire], wire)
    if ansatz:
        circuit.compose(bind(ansatz, weights), inplace=True)
    else:
        for wire in range(wires):
            circuit.rx(weights(wires)[wire], wire)
        for wire in range(wires):
            circuit.cx(wire, (wire + 1) % wires)
    state = Statevector(circuit)
    return [state.expectation_value(Pauli("I" * (wires - 1 - wire) + "Z" + "I" * wire)).real for wire in range(wires)]


def case(ansatz, feature_map, wires, layers, map_layers, paulis, outputs):
    strings = f'"{paulis}"' if paulis else "NULL"
    values = ", ".join(repr(float(value)) for value in outputs)
    print(f'    {{"{ansatz}", "{feature_map}", {wires}, {layers}, {map_layers}, {strings}, {{{values}}}}},')


print("/* Made by tests/oracle/circuits.py with PennyLane 0.45 and Qiskit 2.6: input i is 0.4 + 0.31 i, weight i")
print(" * is 0.3 + 0.17 i. */")
print("static const struct {")
print("    const char *ansatz, *feature_map;")
print("    size_t wires, layers, map_layers;")
print("    const char *paulis;")
print("    double outputs[5];")
print("} oracle_circuits[] = {")
for n in (2, 4, 5):
    wires = range(n)

    def rx():
        qml.AngleEmbedding(inputs(n), wires=wires, rotation="X")

    def basic(layers=1):
        qml.BasicEntanglerLayers(weights(layers * n).reshape(layers, n), wires=wires)

    case("basic", "rx", n, 2, 0, None, pennylane(n, rx, lambda: basic(2)))
    case("strong", "rx", n, 3, 0, None, pennylane(
        n, rx, lambda: qml.StronglyEntanglingLayers(weights(9 * n).reshape(3, n, 3), wires=wires)))
    case("basic", "iqp", n, 1, 2, None, pennylane(
        n, lambda: qml.IQPEmbedding(inputs(n), wires=wires, n_repeats=2), basic))
    case("basic", "amplitude", n, 1, 0, None, pennylane(
        n, lambda: qml.AmplitudeEmbedding(inputs(2**n), wires=wires, normalize=True), basic))
for n in (3, 4):
    case("real-amplitudes", "rx", n, 2, 0, None, qiskit(n, None, RealAmplitudes(n, reps=2).decompose()))
    case("efficient-su2", "rx", n, 2, 0, None, qiskit(n, None, EfficientSU2(n, reps=2).decompose()))
    case("two-local", "rx", n, 2, 0, None, qiskit(n, None, TwoLocal(n, "ry", "cz", reps=2).decompose()))
    case("basic", "z", n, 1, 2, None, qiskit(n, ZFeatureMap(n).decompose(), None))
    case("basic", "zz", n, 1, 2, None, qiskit(n, ZZFeatureMap(n).decompose(), None))
    # Qiskit's strings begin with the highest wire, ours with the lowest.
    for ours, theirs, reps in (("Z,YY,XX", ["Z", "YY", "XX"], 2), ("X,XYZ", ["X", "ZYX"], 1)):
        case("basic", "pauli", n, 1, reps, ours,
             qiskit(n, PauliFeatureMap(n, reps=reps, paulis=theirs).decompose(), None))
print("};")
