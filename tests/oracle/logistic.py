#!/usr/bin/python3
"""Writes tests/unit/logistic_oracle.h: coefficients of scikit-learn 1.2.1's LogisticRegression at the optimum.

Run: /usr/bin/python3 tests/oracle/logistic.py > tests/unit/logistic_oracle.h
"""
import warnings

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

assert sklearn.__version__ == "1.2.1"
warnings.simplefilter("ignore")


def made(seed, rows, scales):
    rng = np.random.RandomState(seed)
    x = np.round(rng.gamma(1.0, 2.0, (rows, len(scales))) * 8) / 8
    x[rng.uniform(size=x.shape) < 0.4] = 1
    score = x.sum(1) + rng.normal(size=rows) * 4
    return x * scales, (score > np.quantile(score, 0.75)).astype(int)


def numbers(values):
    return "{" + ", ".join(repr(v) for v in np.ravel(values).tolist()) + "}"


def distance(x, y, weights, cost, model):
    """How far Newton's next step would move a coefficient: how well the optimum is known."""
    z, w = np.column_stack([x, np.ones(len(y))]), np.append(model.coef_[0], model.intercept_)
    penalty = np.append(np.full(x.shape[1], 1 / cost), 0)
    p = 1 / (1 + np.exp(-z @ w))
    hessian = (z.T * (weights * p * (1 - p))) @ z + np.diag(penalty)
    return np.abs(np.linalg.solve(hessian, z.T @ (weights * (p - y)) + penalty * w)).max()


def write(name, seed, rows, scales, cost=1.0, weights=(1.0, 1.0), constant=None):
    x, y = made(seed, rows, np.array(scales))
    if constant is not None:
        x = np.column_stack([x, np.full(rows, constant)])
    model = LogisticRegression(C=cost, solver="newton-cg", tol=1e-12, max_iter=100000,
                               class_weight={0: weights[0], 1: weights[1]}).fit(x, y)
    left = distance(x, y, np.array(weights)[y], cost, model)
    assert left < 1e-6, left
    print(f"static const double {name}_values[] = {numbers(x)};")
    print(f"static const uint8_t {name}_labels[] = {numbers(y)};")
    print(f"static const double {name}_coefficients[] = {numbers(np.append(model.coef_[0], model.intercept_))};")
    return (f'    {{"{name}", {rows}, {x.shape[1]}, {cost}, {{{weights[0]}, {weights[1]}}}, {name}_values,\n'
            f"     {name}_labels, {name}_coefficients}},")


print("/* Made by tests/oracle/logistic.py; do not edit. */")
print("/* clang-format off */")
cases = [
    write("plain", 1, 80, [1.0, 1.0, 1.0]),
    write("weighted", 2, 80, [1.0, 1.0, 1.0], cost=0.05, weights=(0.75, 3.5)),
    write("unlike_scales", 3, 120, [0.001, 1.0, 4096.0, 64.0], cost=10.0),
    write("constant_column", 4, 60, [1.0, 1.0], constant=12.0),
    write("one_column", 5, 40, [1.0], cost=100.0, weights=(1.0, 2.0)),
]
print("""static const struct logistic_case {
    const char *name;
    size_t rows, columns;
    double cost, class_weights[2];
    const double *values;
    const uint8_t *labels;
    const double *coefficients; /* the intercept last */
} logistic_cases[] = {""")
print("\n".join(cases))
print("};")
print("/* clang-format on */")
