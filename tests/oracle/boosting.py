#!/usr/bin/python3
"""Writes tests/unit/boosting_oracle.h: small tables and what scikit-learn 1.2.1's AdaBoost says of them.

Run: /usr/bin/python3 tests/oracle/boosting.py > tests/unit/boosting_oracle.h
scikit-learn breaks ties between features at random, so a table is used only if 20 random states give the same
probabilities. Values are multiples of 1/8, which its 32-bit floats hold exactly.
"""
import numpy as np
import sklearn
from sklearn.ensemble import AdaBoostClassifier
from sklearn.tree import DecisionTreeClassifier

assert sklearn.__version__ == "1.2.1"


def made(seed, rows, columns):
    rng = np.random.RandomState(seed)
    x = np.round(rng.gamma(0.7, 4.0, (rows, columns)) * 8) / 8
    x[:, 0] = np.where(rng.uniform(size=rows) < 0.6, 0, x[:, 0])
    score = np.log1p(x).sum(1) + rng.normal(size=rows)
    return x, (score > np.quantile(score, 0.7)).astype(int)


def parted(seed, rows, columns):
    """One column gives the label away."""
    x, y = made(seed, rows, columns)
    return x, (x[:, 1] > np.median(x[:, 1])).astype(int)


def model(options, state):
    return AdaBoostClassifier(DecisionTreeClassifier(max_depth=options["depth"]), n_estimators=options["estimators"],
                              learning_rate=options["rate"], algorithm=options["algorithm"], random_state=state)


def fits(x, y, options):
    weights = np.where(y == 1, options["fraud_weight"], 1.0)
    return [model(options, state).fit(x, y, sample_weight=weights) for state in range(20)]


def has_pure_leaf(fit):
    shares = [t.tree_.value[t.tree_.children_left < 0, 0, :] for t in fit.estimators_]
    return any((s == 0).any() for s in shares)


def find(maker, rows, columns, wanted, options):
    for seed in range(100000):
        x, y = maker(seed, rows, columns)
        several = fits(x, y, options)
        if not wanted(several[0]):
            continue
        p = several[0].predict_proba(x)[:, 1]
        if all(np.abs(f.predict_proba(x)[:, 1] - p).max() < 1e-12 for f in several):
            return x, y, several[0]
    raise SystemExit("no table without ties")


def numbers(values):
    return ", ".join(repr(v) for v in np.ravel(values).tolist())


def write(name, maker, rows, columns, wanted=lambda fit: True, **given):
    options = {"algorithm": "SAMME.R", "estimators": 12, "depth": 1, "rate": 1.0, "fraud_weight": 1.0, **given}
    x, y, fit = find(maker, rows, columns, wanted, options)
    staged = list(fit.staged_predict_proba(x))
    print(f"static const double {name}_values[] = {{{numbers(x)}}};")
    print(f"static const uint8_t {name}_labels[] = {{{numbers(y)}}};")
    print(f"static const double {name}_first[] = {{{numbers(staged[0][:, 1])}}};")
    print(f"static const double {name}_last[] = {{{numbers(fit.predict_proba(x)[:, 1])}}};")
    print(f"static const boosting_case {name} = {{\"{name}\", {rows}, {columns}, {name}_values, {name}_labels,")
    print(f"    {{{'QF_SAMME_R' if options['algorithm'] == 'SAMME.R' else 'QF_SAMME'}, {options['estimators']}, "
          f"{options['depth']}, {options['rate']}, {{1, {options['fraud_weight']}}}}},")
    print(f"    {len(fit.estimators_)}, {name}_first, {name}_last}};\n")
    return name


print("/* Made by tests/oracle/boosting.py; do not edit. */")
print("/* clang-format off */")
print("""typedef struct boosting_case {
    const char *name;
    size_t rows, columns;
    const double *values;
    const uint8_t *labels;
    qf_boosting_options options;
    size_t trees;              /* fitted before fitting stopped */
    const double *first, *last; /* [rows] probabilities after the first tree and after all */
} boosting_case;
""")
names = [
    write("real_stumps", made, 70, 3, estimators=25),
    write("real_deep", made, 60, 4, depth=3, estimators=6, rate=0.5),
    write("real_weighted", made, 60, 3, depth=2, estimators=8, fraud_weight=2.75),
    write("real_clipped", made, 40, 3, has_pure_leaf, depth=2, estimators=10),
    write("real_perfect", parted, 40, 3, lambda fit: len(fit.estimators_) == 1),
    write("discrete_stumps", made, 70, 3, algorithm="SAMME", estimators=20),
    write("discrete_deep", made, 60, 4, algorithm="SAMME", depth=2, estimators=8, rate=0.7, fraud_weight=1.5),
    write("discrete_perfect", parted, 40, 3, lambda fit: len(fit.estimators_) == 1, algorithm="SAMME"),
]
print(f"static const boosting_case *const boosting_cases[] = {{{', '.join('&' + n for n in names)}}};")
print("/* clang-format on */")
