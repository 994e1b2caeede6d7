#!/usr/bin/python3
"""Writes tests/unit/metrics_oracle.h: small cases and what scikit-learn 1.2.1 says of them.

Run: /usr/bin/python3 tests/oracle/metrics.py > tests/unit/metrics_oracle.h
What scikit-learn lacks is computed here from its definition, as slowly and literally as possible.
"""
import itertools
import math
import warnings

import numpy as np
import sklearn
from sklearn import metrics as m

warnings.simplefilter("ignore")
assert sklearn.__version__ == "1.2.1"


def recall_with_budget(y, p, alerts):
    """Mean over every set of `alerts` rows that a ranking with ties may put first."""
    cut = sorted(p, reverse=True)[alerts - 1] if alerts else 2
    above = [y[i] for i in range(len(y)) if p[i] > cut]
    tied = [y[i] for i in range(len(y)) if p[i] == cut]
    choices = list(itertools.combinations(tied, alerts - len(above)))
    return (sum(above) + sum(map(sum, choices)) / len(choices)) / sum(y)


def recall_at_alert(y, p, rate):
    budget = rate * len(y)
    low = math.floor(budget)
    share = budget - low
    value = (1 - share) * recall_with_budget(y, p, low)
    return value + (share * recall_with_budget(y, p, low + 1) if share else 0)


def ece(y, p):
    bins = [min(int(x * 15), 14) for x in p]
    total = 0
    for b in set(bins):
        inside = [i for i in range(len(y)) if bins[i] == b]
        gap = np.mean([p[i] for i in inside]) - np.mean([y[i] for i in inside])
        total += len(inside) / len(y) * abs(gap)
    return total


def expected(y, p, threshold, rate):
    called = (p > threshold).astype(int)
    frauds, both = y.sum() > 0, 0 < y.sum() < len(y)
    nan = float("nan")
    weighted = m.precision_recall_fscore_support(y, called, average="weighted", zero_division=0)
    tn, fp, fn, tp = m.confusion_matrix(y, called, labels=[0, 1]).ravel()
    precision, recall, _ = m.precision_recall_curve(y, p) if frauds else (None, None, None)
    return {
        "accuracy": m.accuracy_score(y, called),
        "precision_weighted": weighted[0],
        "recall_weighted": weighted[1],
        "f1_weighted": weighted[2],
        "precision": m.precision_score(y, called, zero_division=0) if frauds else nan,
        "recall": m.recall_score(y, called) if frauds else nan,
        "f1": m.f1_score(y, called) if frauds else nan,
        "f2": m.fbeta_score(y, called, beta=2) if frauds else nan,
        "mcc": m.matthews_corrcoef(y, called) if both else nan,
        "balanced_accuracy": m.balanced_accuracy_score(y, called) if both else nan,
        "pr_auc": m.average_precision_score(y, p) if frauds else nan,
        "pr_auc_trapezoid": m.auc(recall, precision) if frauds else nan,
        "roc_auc": m.roc_auc_score(y, p) if both else nan,
        "brier": m.brier_score_loss(y, p, pos_label=1),
        "log_loss": m.log_loss(np.append(y, [0, 1]), np.append(p, [0, 1]),
                               sample_weight=[1] * len(y) + [0, 0]),
        "ece": ece(y, p),
        "recall_at_alert": recall_at_alert(y, p, rate) if frauds else nan,
        "prevalence_test": y.mean(),
        "tn": tn, "fp": fp, "fn": fn, "tp": tp, "n_test": len(y),
    }


def cases():
    random = np.random.default_rng(4)
    y = (random.random(60) < 0.3).astype(int)
    p = np.clip(0.35 + 0.35 * (y - 0.3) + 0.2 * random.standard_normal(60), 0, 1)
    yield "continuous", y, p, 0.5, 0.05
    yield "another threshold", y, p, 0.3, 0.25
    yield "ties", y, np.round(p, 1), 0.4, 0.1
    yield "ties and a fractional budget", y, np.round(p * 4) / 4, 0.5, 0.21
    yield "certain and wrong", np.array([0, 1, 1, 0]), np.array([1.0, 0.0, 1.0, 0.0]), 0.5, 0.5
    yield "all scores equal", np.array([1, 0, 0, 0, 1, 0]), np.full(6, 0.25), 0.5, 0.5
    yield "at the threshold", np.array([1, 0, 1]), np.array([0.5, 0.5, 0.75]), 0.5, 1.0
    yield "only legitimate rows", np.zeros(5, int), p[:5], 0.3, 0.2
    yield "only fraud rows", np.ones(5, int), p[:5], 0.3, 0.2
    yield "one row", np.array([1]), np.array([0.9]), 0.5, 0.05


def numbers(values):
    return ", ".join("NAN" if math.isnan(v) else repr(float(v)) for v in values)


print("/* Made by tests/oracle/metrics.py with scikit-learn 1.2.1. */")
print("/* clang-format off */")
all_cases = [(c, expected(*c[1:])) for c in cases()]
names = list(all_cases[0][1])
print("static const char *const oracle_names[] = {%s};" % ", ".join('"%s"' % n for n in names))
print("enum { ORACLE_METRICS = %d, ORACLE_ROWS = 60 };" % len(names))
print("static const struct oracle_case {\n    const char *what;\n    size_t rows;\n"
      "    double threshold, alert_rate;\n    uint8_t labels[ORACLE_ROWS];\n"
      "    double scores[ORACLE_ROWS], expected[ORACLE_METRICS];\n} oracle_cases[] = {")
for (what, y, p, threshold, rate), values in all_cases:
    print('    {"%s", %d, %r, %r,\n     {%s},\n     {%s},\n     {%s}},' % (
        what, len(y), threshold, rate, ", ".join(map(str, y)), numbers(p),
        numbers(values[n] for n in names)))
print("};")
