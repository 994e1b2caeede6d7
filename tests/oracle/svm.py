"""Writes tests/unit/svm_oracle.h: decision values of scikit-learn 1.2.1's SVC, at the optimum and after a few steps; of the
ZZ feature map (two layers, the columns times "gamma" for angles) by a precomputed kernel.

Usage: python3 svm.py > ../unit/svm_oracle.h
"""

import warnings

import numpy as np
from sklearn.svm import SVC

warnings.simplefilter("ignore")
ROWS, COLUMNS = 60, 3
random = np.random.default_rng(5)
x = random.normal(size=(ROWS, COLUMNS)).astype(np.float32).astype(float)
y = (x[:, 0] + x[:, 1] ** 2 + random.normal(size=ROWS) * 0.5 > 0.9).astype(int)
cases = [
    ("rbf", 0.5, 1.0, 1.0, -1),
    ("rbf", 0.5, 1.0, 5.0, -1),
    ("linear", 1.0, 2.0, 1.0, -1),
    ("rbf", 2.0, 10.0, 1.0, 7),
    ("rbf", 0.5, 1.0, 3.0, 25),
    ("quantum", 0.3, 2.0, 1.0, -1),
    ("quantum", 0.8, 5.0, 3.0, -1),
    ("quantum", 0.3, 2.0, 1.0, 20),
]


def zz_states(angles):
    """By its definition: phases in the basis of Z between Hadamards; wire 0 is the most significant bit."""
    bits = (np.arange(2**COLUMNS)[:, None] >> np.arange(COLUMNS)[::-1]) & 1
    hadamard = np.array([[(-1) ** (a & b).sum() for b in bits] for a in bits]) / np.sqrt(2**COLUMNS)
    phases = 2 * angles @ bits.T
    for i in range(COLUMNS):
        for j in range(i):
            phases += 2 * np.outer((np.pi - angles[:, i]) * (np.pi - angles[:, j]), bits[:, i] ^ bits[:, j])
    layer = np.exp(1j * phases)
    return layer * ((layer * hadamard[0]) @ hadamard)


def gram(angles):
    states = zz_states(angles)
    return np.abs(states.conj() @ states.T) ** 2


def numbers(values):
    return "{" + ", ".join(repr(float(v)) for v in values) + "}"


print("/* Made by tests/oracle/svm.py with scikit-learn 1.2.1. */")
print(f"enum {{ ORACLE_ROWS = {ROWS}, ORACLE_COLUMNS = {COLUMNS} }};")
print("static const double oracle_rows[ORACLE_ROWS][ORACLE_COLUMNS] = {" + ", ".join(numbers(r) for r in x) + "};")
print("static const uint8_t oracle_labels[ORACLE_ROWS] = {" + ", ".join(str(v) for v in y) + "};")
print("/* steps 0: to the optimum, with tolerance 1e-6; gamma is the bandwidth of quantum */")
print("static const struct oracle_case {")
print("    const char *kernel; double gamma, cost, fraud_weight; size_t steps; double decisions[ORACLE_ROWS];")
print("} oracle_cases[] = {")
for kernel, gamma, cost, weight, steps in cases:
    quantum = kernel == "quantum"
    rows = gram(gamma * x) if quantum else x
    model = SVC(kernel="precomputed" if quantum else kernel, gamma=gamma, C=cost, class_weight={1: weight}, max_iter=steps, tol=1e-6,
                shrinking=False)
    decisions = model.fit(rows, y).decision_function(rows)
    print(f'{{"{kernel}", {gamma}, {cost}, {weight}, {max(steps, 0)}, {numbers(decisions)}}},')
print("};")
