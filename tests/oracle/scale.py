#!/usr/bin/python3
"""Writes tests/unit/scale_oracle.h: small tables and how scikit-learn 1.2.1 scales them.

Run: /usr/bin/python3 tests/oracle/scale.py > tests/unit/scale_oracle.h
Each scaler is fitted on the first rows and applied to all. The second table is made by a formula that the
unit test repeats, so that it can be long; only some of its scaled values are kept.
"""
from fractions import Fraction

import numpy as np
import sklearn
from sklearn.preprocessing import MinMaxScaler, QuantileTransformer, StandardScaler

assert sklearn.__version__ == "1.2.1"

FITTED, ROWS = 40, 48
LONG_FITTED, LONG_ROWS, LONG_STEP = 2500, 2700, 27


def small():
    random = np.random.default_rng(11)
    table = np.empty((ROWS, 5))
    table[:, 0] = random.normal(3, 2, ROWS)
    table[:, 1] = random.integers(0, 4, ROWS)
    table[:, 2] = np.where(random.random(ROWS) < 0.2, -1, np.floor(random.pareto(1, ROWS) * 10))
    table[:, 3] = 100 + random.normal(0, 1, ROWS)
    table[:, 4] = 7
    return table


def long():
    i = np.arange(LONG_ROWS)
    v = (i * i * 31 + 17 * i) % 4001
    return np.column_stack([v, v % 37, (v - 2000.0) ** 3]).astype(float)


def signed_log(x):
    return np.sign(x) * np.log1p(np.abs(x))


def exact_quantiles(table, references):
    """By fractions: scikit-learn rounds the quantiles' places, so that some miss a tied value by an ulp and
    the tie's rank with it."""
    table = np.sort(table, axis=0)
    result = []
    for q in range(references):
        place = Fraction(q * (len(table) - 1), references - 1)
        i, t = int(place), float(place % 1)
        result.append(table[i] + t * (table[i + 1] - table[i]) if t else table[i])
    return np.array(result)


def quantile_transformer(table):
    references = min(1000, len(table))
    transformer = QuantileTransformer(n_quantiles=references, subsample=10**9).fit(table)
    exact = exact_quantiles(table, references)
    assert np.allclose(transformer.quantiles_, exact, rtol=1e-11, atol=1e-9)
    transformer.quantiles_ = exact
    return transformer


def scaled(table, fitted):
    for fit, of in ((StandardScaler().fit, np.array), (MinMaxScaler().fit, np.array),
                    (StandardScaler().fit, signed_log), (MinMaxScaler().fit, signed_log),
                    (quantile_transformer, np.array)):
        yield fit(of(table[:fitted])).transform(of(table))


def print_array(name, array):
    flat = array.reshape(-1, array.shape[-1])
    print("static const double %s%s = {" % (name, "".join("[%d]" % n for n in array.shape)))
    for row in flat:
        print("    {%s}," % ", ".join(repr(float(v)) for v in row))
    print("};")


print("/* Made by tests/oracle/scale.py with scikit-learn 1.2.1. Scaled: standard, min-max, log-standard,\n"
      " * log-min-max, quantile. */")
print("/* clang-format off */")
print("enum { FITTED = %d, ROWS = %d, COLUMNS = 5 };" % (FITTED, ROWS))
print("enum { LONG_FITTED = %d, LONG_ROWS = %d, LONG_STEP = %d, LONG_COLUMNS = 3 };"
      % (LONG_FITTED, LONG_ROWS, LONG_STEP))
table = small()
print_array("small_table", table)
# One long row for each kind.
print_array("small_scaled", np.array([s.ravel() for s in scaled(table, FITTED)]))
print_array("long_scaled", np.array([s[::LONG_STEP].ravel() for s in scaled(long(), LONG_FITTED)]))
