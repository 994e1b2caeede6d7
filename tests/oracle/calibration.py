#!/usr/bin/python3
"""Writes tests/unit/calibration_oracle.h: small cases and what scikit-learn 1.2.1 makes of them.

Run: /usr/bin/python3 tests/oracle/calibration.py > tests/unit/calibration_oracle.h
CalibratedClassifierCV(cv="prefit") calibrates a classifier that says the only feature as its probability, as one
without a decision function does.
"""
import numpy as np
import sklearn
from sklearn.calibration import CalibratedClassifierCV

assert sklearn.__version__ == "1.2.1"
ROWS, QUERIES = 80, 14


class Says:
    """A fitted classifier whose probability is its feature."""
    classes_ = np.array([0, 1])
    n_features_in_ = 1
    _estimator_type = "classifier"

    def fit(self, x, y):
        return self

    def predict_proba(self, X):
        return np.column_stack([1 - X[:, 0], X[:, 0]])


def calibrated(method, p, y, queries):
    model = CalibratedClassifierCV(Says(), method=method, cv="prefit").fit(p[:, None], y)
    return model.predict_proba(queries[:, None])[:, 1]


def cases():
    random = np.random.default_rng(11)
    y = (random.random(ROWS) < 0.3).astype(int)
    p = np.clip(0.4 + 0.4 * (y - 0.3) + 0.2 * random.standard_normal(ROWS), 0, 1)
    yield "continuous", p, y
    yield "overconfident", np.clip(0.5 + 3 * (p - 0.5), 0, 1), y
    yield "ties", np.round(p, 1), y
    yield "rare", np.sqrt(p[:60]), (np.arange(60) % 30 == 7).astype(int)
    yield "separable", np.linspace(0.1, 0.9, 30), (np.arange(30) >= 20).astype(int)
    yield "upside down", 1 - p, y
    yield "two rows", np.array([0.25, 0.75]), np.array([0, 1])


def numbers(values):
    return ", ".join(repr(float(v)) for v in values)


print("/* Made by tests/oracle/calibration.py with scikit-learn 1.2.1. */")
print("/* clang-format off */")
print("enum { ORACLE_ROWS = %d, ORACLE_QUERIES = %d };" % (ROWS, QUERIES))
print("static const struct oracle_case {\n    const char *what;\n    size_t rows;\n"
      "    double probabilities[ORACLE_ROWS];\n    uint8_t labels[ORACLE_ROWS];\n"
      "    double queries[ORACLE_QUERIES], platt[ORACLE_QUERIES], isotonic[ORACLE_QUERIES];\n"
      "} oracle_cases[] = {")
for what, p, y in cases():
    queries = np.concatenate([np.linspace(0, 1, 11), np.quantile(p, [0.1, 0.5, 0.8])])
    print('    {"%s", %d,\n     {%s},\n     {%s},\n     {%s},\n     {%s},\n     {%s}},' % (
        what, len(p), numbers(p), ", ".join(map(str, y)), numbers(queries),
        numbers(calibrated("sigmoid", p, y, queries)),
        numbers(calibrated("isotonic", p, y, queries))))
print("};")
