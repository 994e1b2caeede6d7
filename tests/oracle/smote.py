#!/usr/bin/env python3
"""Writes tests/unit/smote_oracle.h: a small minority class and what imbalanced-learn 0.14.2 makes of it.

Run, with imbalanced-learn 0.14.2, scikit-learn 1.9.1 and NumPy 2.4.6 installed:
python3 tests/oracle/smote.py > tests/unit/smote_oracle.h

The neighbours are compared exactly; of the synthetic rows there are moments and shares below thresholds of a
large sample, with what their sampling error follows from.
"""
import imblearn
import numpy as np
import sklearn
from imblearn.over_sampling import SMOTE

assert imblearn.__version__ == "0.14.2" and sklearn.__version__ == "1.9.1"

MINORITY, COLUMNS, NEIGHBOURS, SAMPLE = 40, 4, 5, 400000


def minority():
    random = np.random.default_rng(5)
    table = np.empty((MINORITY, COLUMNS))
    table[:, 0] = random.integers(0, 30, MINORITY)
    table[:, 1] = np.where(random.random(MINORITY) < 0.6, 0, np.floor(random.pareto(1, MINORITY) * 20))
    table[:, 2] = np.round(random.normal(0, 10, MINORITY), 3)
    table[:, 3] = np.round(0.3 * table[:, 0] + random.normal(0, 2, MINORITY), 3)
    return table


def slow_neighbours(table):
    """Exact squares of thousandths: no tie may depend on rounding."""
    whole = np.rint(table * 1000).astype(np.int64)
    square = ((whole[:, None] - whole[None]) ** 2).sum(axis=2)
    np.fill_diagonal(square, np.iinfo(np.int64).max)
    order = np.argsort(square, axis=1)[:, :NEIGHBOURS + 1]
    nearest = np.take_along_axis(square, order, axis=1)
    assert (np.diff(nearest, axis=1) > 0).all()
    return order[:, :NEIGHBOURS]


def print_array(kind, name, array):
    array = np.asarray(array)
    print("static const %s %s%s = {" % (kind, name, "".join("[%d]" % n for n in array.shape)))
    for row in array.reshape(-1, array.shape[-1]):
        print("    {%s}," % ", ".join(repr(v) for v in row.tolist()))
    print("};")


table = minority()
smote = SMOTE(k_neighbors=NEIGHBOURS, random_state=1)
rows = np.vstack([table, np.zeros((MINORITY + SAMPLE, COLUMNS))])
labels = np.repeat([1, 0], [MINORITY, MINORITY + SAMPLE])
made = smote.fit_resample(rows, labels)[0][len(rows):]
assert len(made) == SAMPLE
neighbours = smote.nn_k_.kneighbors(table, return_distance=False)[:, 1:]
assert (neighbours == slow_neighbours(table)).all()

mean = made.mean(axis=0)
products = (made - mean)[:, :, None] * (made - mean)[:, None, :]
levels = np.array([0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98])
thresholds = np.quantile(made, levels, axis=0).T
shares = [[float((made[:, c] <= t).mean()) for t in thresholds[c]] for c in range(COLUMNS)]

print("/* Made by tests/oracle/smote.py with imbalanced-learn 0.14.2 and scikit-learn 1.9.1. */")
print("/* clang-format off */")
print("enum { ORACLE_MINORITY = %d, ORACLE_COLUMNS = %d, ORACLE_NEIGHBOURS = %d, ORACLE_LEVELS = %d };"
      % (MINORITY, COLUMNS, NEIGHBOURS, len(levels)))
print("enum { ORACLE_SAMPLE = %d }; /* synthetic rows behind the statistics */" % SAMPLE)
print_array("double", "oracle_minority", table)
print_array("size_t", "oracle_neighbours", neighbours)
print_array("double", "oracle_mean", mean[None])
print("/* Of the products of two columns' deviations from their means: mean (covariance) and variance. */")
print_array("double", "oracle_covariance", products.mean(axis=0))
print_array("double", "oracle_product_variance", products.var(axis=0))
print("/* Thresholds, and the share of the rows at or below them. */")
print_array("double", "oracle_thresholds", thresholds)
print_array("double", "oracle_shares", shares)
