"""Loads circuits that qf exported in Qiskit and in PennyLane and compares expectation values: make peers.

Usage: circuits.py WORK

WORK/circuits holds what export_circuits wrote and its lines in cases.json, WORK what the tools made: model.qf, a
hybrid net, row.2.qasm and row.3.qasm, its trained circuit for one row, and that row's number. Every program must give
the same expectation values to 1e-10; of the net, its last layer behind those of Qiskit the probability that
qf-predict gives. Exit code 1 where one does not.
"""

import csv
import json
import math
import os
import re
import subprocess
import sys

import pennylane
import qiskit.qasm2
import qiskit.qasm3
from qiskit.quantum_info import SparsePauliOp, Statevector

work, tolerance = sys.argv[1], 1e-10


def path(*names):
    return os.path.join(work, *names)


def parameters(case):
    return {f"{letter}{i}": value for letter, values in (("x", case["inputs"]), ("w", case["weights"]))
            for i, value in enumerate(values)}


def in_qiskit(name, strings, values):
    """The circuit's own parameters are those that some gate uses."""
    load = qiskit.qasm2.load if name.endswith(".2.qasm") else qiskit.qasm3.load
    extra = {"custom_instructions": qiskit.qasm2.LEGACY_CUSTOM_INSTRUCTIONS} if load is qiskit.qasm2.load else {}
    circuit = load(name, **extra).remove_final_measurements(inplace=False)
    circuit = circuit.assign_parameters({p: values[p.name] for p in circuit.parameters})
    state = Statevector(circuit)
    # Qiskit has qubit 0 last.
    return [state.expectation_value(SparsePauliOp(string[::-1])).real for string in strings]


def in_pennylane(name, strings, values):
    """Its reader of OpenQASM 3 knows the standard gates without the include, which it refuses, but has no U and
    mixes up the qubits of definitions; its way from OpenQASM 2, through Qiskit, turns round the qubits of gates that
    it has no name for. None for circuits that have those."""
    with open(name) as file:
        text = file.read()
    if re.search(r"(?m)^(gate |U\(|cu\()", text):
        return None
    wires = [f"q[{wire}]" for wire in range(len(strings[0]))]
    words = [pennylane.pauli.string_to_pauli_word(string, {w: i for i, w in enumerate(wires)}) for string in strings]
    if name.endswith(".2.qasm"):
        program, call = pennylane.from_qasm(text, measurements=[]), {"wires": wires}
    else:
        text = re.sub(r"(?m)^(include .*|bit.*|c\[.*)\n", "", text)
        program = pennylane.from_qasm3(text, {})
        call = {name: value for name, value in values.items() if f" {name};" in text}

    @pennylane.qnode(pennylane.device("default.qubit", wires=wires))
    def node():
        program(**call)
        return [pennylane.expval(word) for word in words]

    return [float(value) for value in node()]


def compare_circuits():
    """The largest differences, by program and form; (how many circuits, difference) each."""
    worst = {}
    with open(path("circuits", "cases.json")) as file:
        cases = [json.loads(line) for line in file]
    for case in cases:
        for form in ("2", "3", "open"):
            for program in (in_qiskit, in_pennylane):
                found = program(path("circuits", f"{case['name']}.{form}.qasm"), case["strings"], parameters(case))
                if found is None:
                    continue
                difference = max(abs(a - b) for a, b in zip(found, case["values"], strict=True))
                key = program.__name__[3:], form
                count, before = worst.get(key, (0, 0))
                worst[key] = count + 1, max(before, difference)
                if not difference <= tolerance:
                    print(f"  {case['name']}, {form}: {key[0]} differs by {difference:.2g}: DISAGREE")
    for (program, form), (count, difference) in worst.items():
        print(f"  {program}, {form}: {count} of {len(cases)} circuits, largest difference {difference:.1e}")
    return all(difference <= tolerance for _, difference in worst.values())


def array(model, name):
    """The numbers of an array of a model stream."""
    text = subprocess.run(["qf-view", "--show", "records", model], capture_output=True, check=True).stdout.decode()
    for line in text.splitlines():
        record = json.loads(line)
        if record.get("array") == name:
            return record["data"]
    sys.exit(f"circuits.py: {model} has no array {name}")


def compare_model():
    model, good = path("model.qf"), True
    text = subprocess.run(["qf-predict", "--model", model, path("test.qf")], capture_output=True, check=True).stdout
    text = subprocess.run(["qf-export", "--to", "csv"], input=text, capture_output=True, check=True).stdout.decode()
    with open(path("row")) as file:
        row = file.read().strip()
    expected = next(float(r["probability"]) for r in csv.DictReader(text.splitlines()) if r["row"] == row)
    weights, biases = array(model, "weights_3"), array(model, "biases_3")
    for form in ("2", "3"):
        values = in_qiskit(path(f"row.{form}.qasm"), ["ZIII", "IZII", "IIZI"], {})
        logits = [sum(w * v for w, v in zip(weights[3 * k:3 * k + 3], values)) + biases[k] for k in (0, 1)]
        found = 1 / (1 + math.exp(logits[0] - logits[1]))
        good = good and abs(found - expected) <= tolerance
        print(f"  row {row} of a trained net through OpenQASM {form} and Qiskit: probability {found:.12f}, "
              f"qf-predict {expected:.12f}" + ("" if good else " DISAGREE"))
    return good


sys.exit(0 if all([compare_circuits(), compare_model()]) else 1)
