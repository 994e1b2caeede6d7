#!/usr/bin/python3
"""Writes tests/unit/profile_oracle.h: a small table and what NumPy, SciPy and scikit-learn 1.2.1 say of it.

Run: /usr/bin/python3 tests/oracle/profile.py > tests/unit/profile_oracle.h
"""
import numpy as np
import sklearn
from scipy import stats
from sklearn.metrics import roc_auc_score

assert sklearn.__version__ == "1.2.1"
ROWS = 61
rng = np.random.default_rng(3)
y = (rng.random(ROWS) < 0.3).astype(int)
X = np.column_stack([
    rng.normal(size=ROWS) + y,
    np.floor(np.exp(2 * rng.normal(size=ROWS)) * (rng.random(ROWS) < 0.4)),
    np.arange(ROWS)[::-1] * 37,
    np.full(ROWS, 2.5),
    -rng.integers(-1, 3, ROWS) * (1 - 2 * y),
    rng.normal(size=ROWS) * 1e-3 + 1e6,
    rng.normal(size=ROWS) * 1e200,
])


def number(x):
    return "NAN" if np.isnan(x) else repr(float(x))


def row(values):
    return "{" + ", ".join(map(number, values)) + "}"


def column(x):
    constant = np.ptp(x) == 0
    z = x / np.abs(x).max()
    return [len(np.unique(x)), np.mean(x == 0), float(np.all(x == np.floor(x))), x.min(),
            *np.quantile(x, [0.25, 0.5, 0.75]), x.max(), np.mean(x), np.abs(x).max() * np.std(z),
            np.nan if constant else stats.skew(z - z.mean()), roc_auc_score(y, x),
            np.nan if constant else np.corrcoef(z, y)[0, 1]]


columns = [column(x) for x in X.T]
correlations = np.array([c[-1] for c in columns])
order = [i for i in np.argsort(-correlations) if not np.isnan(correlations[i])][:4]
together = np.column_stack([X[:, order] / np.abs(X[:, order]).max(axis=0), y])

print("/* Made by tests/oracle/profile.py with NumPy, SciPy and scikit-learn 1.2.1. */")
print("/* clang-format off */")
print(f"enum {{ ORACLE_ROWS = {ROWS}, ORACLE_COLUMNS = {X.shape[1]}, ORACLE_MATRIX = {len(order) + 1} }};")
print("static const uint8_t oracle_labels[ORACLE_ROWS] = {" + ", ".join(map(str, y)) + "};")
print("static const double oracle_values[ORACLE_ROWS][ORACLE_COLUMNS] = {")
print(",\n".join(map(row, X)) + "};")
print("/* distinct, zero_share, whole, minimum, quartiles, maximum, mean, deviation, skewness, auc, correlation */")
print("static const double oracle_profiles[ORACLE_COLUMNS][13] = {")
print(",\n".join(map(row, columns)) + "};")
print("static const size_t oracle_order[ORACLE_MATRIX - 1] = {" + ", ".join(map(str, order)) + "};")
print("static const double oracle_matrix[ORACLE_MATRIX][ORACLE_MATRIX] = {")
print(",\n".join(map(row, np.corrcoef(together.T))) + "};")
