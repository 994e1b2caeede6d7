"""Writes tests/unit/svm_oracle.h: decision values of scikit-learn 1.2.1's SVC, at the optimum and after a few steps.

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
]


def numbers(values):
    return "{" + ", ".join(repr(float(v)) for v in values) + "}"


print("/* Made by tests/oracle/svm.py with scikit-learn 1.2.1. */")
print(f"enum {{ ORACLE_ROWS = {ROWS}, ORACLE_COLUMNS = {COLUMNS} }};")
print("static const double oracle_rows[ORACLE_ROWS][ORACLE_COLUMNS] = {" + ", ".join(numbers(r) for r in x) + "};")
print("static const uint8_t oracle_labels[ORACLE_ROWS] = {" + ", ".join(str(v) for v in y) + "};")
print("/* steps 0: to the optimum, with tolerance 1e-6 */")
print("static const struct oracle_case {")
print("    const char *kernel; double gamma, cost, fraud_weight; size_t steps; double decisions[ORACLE_ROWS];")
print("} oracle_cases[] = {")
for kernel, gamma, cost, weight, steps in cases:
    model = SVC(kernel=kernel, gamma=gamma, C=cost, class_weight={1: weight}, max_iter=steps, tol=1e-6, shrinking=False)
    decisions = model.fit(x, y).decision_function(x)
    print(f'{{"{kernel}", {gamma}, {cost}, {weight}, {max(steps, 0)}, {numbers(decisions)}}},')
print("};")
