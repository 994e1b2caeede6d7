#!/usr/bin/python3
"""Writes tests/unit/knn_oracle.h: small tables and what the neighbours of scikit-learn 1.2.1 say.

Run: /usr/bin/python3 tests/oracle/knn.py > tests/unit/knn_oracle.h
Values are multiples of 1/8, so that squared distances are exact. scikit-learn does not say which of several rows
at one distance counts, so rows are asked for only where that cannot matter, and where its slow search, its k-d tree
and its ball tree agree. The last rows asked for are training rows, their own nearest neighbours.
"""
import numpy as np
import sklearn
from sklearn.neighbors import KNeighborsClassifier

assert sklearn.__version__ == "1.2.1"

KS = [1, 2, 5, 20]
TRAIN, ASKED, OWN = 70, 40, 10


def made(rng, rows, columns):
    x = np.round(rng.gamma(0.7, 8, (rows, columns)) * 8) / 8
    x[:, 0] = np.where(rng.uniform(size=rows) < 0.6, 0, x[:, 0])
    score = np.log1p(x).sum(1) + rng.normal(size=rows)
    return x, (score > np.quantile(score, 0.7)).astype(int)


def clear(x, query):
    """No two of the rows that may count are at one distance."""
    square = np.sort(((x - query) ** 2).sum(1))[:max(KS) + 1]
    return (np.diff(square) > 0).all()


def votes(x, y, asked, k, weights):
    found = [KNeighborsClassifier(k, weights=weights, algorithm=a).fit(x, y).predict_proba(asked)[:, 1]
             for a in ("brute", "kd_tree", "ball_tree")]
    assert np.abs(found[0] - found[1]).max() < 1e-12 and np.abs(found[0] - found[2]).max() < 1e-12
    return found[1]


def print_array(kind, name, array):
    array = np.asarray(array)
    rows = ["{%s}" % ", ".join(repr(v) for v in row) for row in array.reshape(-1, array.shape[-1]).tolist()]
    body = rows[0] if array.ndim == 1 else "{%s}" % ",\n ".join(rows)
    print("static const %s %s%s = %s;" % (kind, name, "".join("[%d]" % n for n in array.shape), body))


print("/* Made by tests/oracle/knn.py; do not edit. */\n/* clang-format off */")
print("enum { KS = %d, TRAIN = %d, ASKED = %d };" % (len(KS), TRAIN, ASKED))
print_array("size_t", "ks", KS)
for name, columns in (("narrow", 3), ("wide", 24)):
    rng = np.random.RandomState(columns)
    x, y = made(rng, TRAIN, columns)
    chosen = [q for q in made(rng, 1000, columns)[0] if clear(x, q)][:ASKED - OWN] + [q for q in x if clear(x, q)][:OWN]
    assert len(chosen) == ASKED
    print_array("double", name + "_x", x)
    print_array("uint8_t", name + "_y", y)
    print_array("double", name + "_asked", chosen)
    for weights in ("uniform", "distance"):
        print_array("double", "%s_%s" % (name, weights), [votes(x, y, np.array(chosen), k, weights) for k in KS])
