"""Writes tests/unit/reducer_oracle.h: PCA and ANOVA F of scikit-learn 1.2.1.

Usage: python3 reducer.py > ../unit/reducer_oracle.h
"""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.feature_selection import f_classif

ROWS, COLUMNS, KEPT = 12, 5, 3


def array(kind, name, values):
    values = np.asarray(values)
    shape = "".join(f"[{n}]" for n in values.shape)
    rows = values if values.ndim == 2 else [values]
    lines = [", ".join(repr(v.item()) for v in row) for row in rows]
    body = "},\n    {".join(lines)
    print(f"static const {kind} {name}{shape} = {{" + (f"\n    {{{body}}}" if values.ndim == 2 else body) + "};")


random = np.random.default_rng(1)
labels = np.arange(ROWS) % 3 == 0
x = np.round(random.normal(size=(ROWS, COLUMNS)) * [1, 5, 20, 0.1, 3], 3)
x[:, 1] += labels * 6
pca = PCA(KEPT).fit(x)
# The sign that makes the largest entry of a component positive.
signs = np.sign(pca.components_[np.arange(KEPT), np.abs(pca.components_).argmax(axis=1)])

print("/* Made by tests/oracle/reducer.py with scikit-learn 1.2.1. */")
print(f"enum {{ ORACLE_ROWS = {ROWS}, ORACLE_COLUMNS = {COLUMNS}, ORACLE_KEPT = {KEPT} }};")
array("double", "oracle_rows", x)
array("uint8_t", "oracle_labels", labels.astype(int))
array("double", "oracle_variances", pca.explained_variance_)
array("double", "oracle_components", pca.transform(x) * signs)
array("double", "oracle_f", f_classif(x, labels)[0])
