#!/usr/bin/python3
"""Writes tests/unit/tree_oracle.h: small tables and the trees that scikit-learn 1.2.1 grows on them.

Run: /usr/bin/python3 tests/oracle/trees.py > tests/unit/tree_oracle.h
scikit-learn breaks ties between features at random, so a table is used only if 50 random states give the same tree.
Values are multiples of 1/8, which its 32-bit floats hold exactly.
"""
import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

assert sklearn.__version__ == "1.2.1"


def made(seed, rows, columns, levels):
    rng = np.random.RandomState(seed)
    x = np.round(rng.gamma(0.7, levels, (rows, columns)) * 8) / 8
    x[:, 0] = np.where(rng.uniform(size=rows) < 0.6, 0, x[:, 0])
    score = np.log1p(x).sum(1) + rng.normal(size=rows)
    return x, (score > np.quantile(score, 0.7)).astype(int)


def same_for_all_states(x, y, **options):
    shapes = set()
    for state in range(50):
        t = DecisionTreeClassifier(random_state=state, **options).fit(x, y).tree_
        shapes.add((t.feature.tobytes(), t.threshold.tobytes(), t.children_left.tobytes()))
    return len(shapes) == 1


def find(rows, columns, levels, **options):
    for seed in range(100000):
        x, y = made(seed, rows, columns, levels)
        if same_for_all_states(x, y, **options):
            return x, y
    raise SystemExit("no table without ties")


def numbers(values, form="{!r}"):
    return ", ".join(form.format(v) for v in np.ravel(values).tolist())


def distinct(alphas):
    kept = [0.0]
    for alpha in alphas:
        if alpha > kept[-1] + 1e-12:
            kept.append(alpha)
    return kept


def leaves_along(x, y, alphas, **options):
    """Leaves of the tree pruned in the middle between an alpha and the next, and beyond the last."""
    middles = [(a + b) / 2 for a, b in zip(alphas, alphas[1:])] + [alphas[-1] * 2 + 1e-9]
    return [DecisionTreeClassifier(random_state=0, ccp_alpha=a, **options).fit(x, y).get_n_leaves() for a in middles]


def write(name, x, y, **options):
    shares = lambda t: t.value[:, 0, 1] / t.value[:, 0].sum(1)
    model = DecisionTreeClassifier(random_state=0, **options).fit(x, y)
    t = model.tree_
    alphas = distinct(model.cost_complexity_pruning_path(x, y).ccp_alphas)
    print(f"static const double {name}_values[] = {{{numbers(x)}}};")
    print(f"static const uint8_t {name}_labels[] = {{{numbers(y)}}};")
    print(f"static const int {name}_feature[] = {{{numbers(t.feature)}}};")
    print(f"static const double {name}_threshold[] = {{{numbers(t.threshold)}}};")
    print(f"static const int {name}_left[] = {{{numbers(t.children_left)}}};")
    print(f"static const int {name}_right[] = {{{numbers(t.children_right)}}};")
    print(f"static const double {name}_share[] = {{{numbers(shares(t))}}};")
    print(f"static const double {name}_alphas[] = {{{numbers(alphas)}}};")
    print(f"static const size_t {name}_leaves[] = {{{numbers(leaves_along(x, y, alphas, **options))}}};")
    print(f"static const tree_case {name} = {{\"{name}\", {len(y)}, {x.shape[1]}, {options.get('min_samples_split', 2)},")
    print(f"    {options.get('min_samples_leaf', 1)}, {options.get('class_weight', {}).get(1, 1)}, {name}_values, {name}_labels, {t.node_count}, {name}_feature,")
    print(f"    {name}_threshold, {name}_left, {name}_right, {name}_share, {len(alphas)}, {name}_alphas, {name}_leaves}};\n")


def forest(rows=400, seed=5):
    """The table is made again in C, by integer arithmetic alone; this is scikit-learn's accuracy on its second half."""
    state = seed
    x = np.zeros((rows, 6))
    y = np.zeros(rows, int)
    for r in range(rows):
        for c in range(6):
            state = (state * 1103515245 + 12345) % 2**31
            x[r, c] = state >> 16 & 63
        state = (state * 1103515245 + 12345) % 2**31
        noise = (state >> 16) % 40
        y[r] = int(x[r, 0] > 32) + int(x[r, 1] > 32) + int(x[r, 2] * x[r, 3] > 800) + int(noise > 28) >= 2
    half = rows // 2
    right = [RandomForestClassifier(100, random_state=s).fit(x[:half], y[:half]).score(x[half:], y[half:])
             for s in range(10)]
    print(f"/* scikit-learn's forest of 100 trees on the second half of the table that make_forest_table")
    print(f" * makes, mean over ten random states. */")
    print(f"enum {{ FOREST_ROWS = {rows}, FOREST_SEED = {seed} }};")
    print(f"static const double forest_accuracy = {np.mean(right)!r};")


print("/* Made by tests/oracle/trees.py; do not edit. */")
print("/* clang-format off */")
print("""typedef struct tree_case {
    const char *name;
    size_t rows, columns, min_split, min_leaf;
    double fraud_weight;
    const double *values;
    const uint8_t *labels;
    size_t nodes;
    const int *feature;
    const double *threshold;
    const int *left, *right;
    const double *share;
    size_t alpha_count;
    const double *alphas;
    const size_t *leaves;
} tree_case;
""")
write("one_column", *made(1, 80, 1, 3.0))
write("sparse", *find(60, 3, 4.0, min_samples_split=6), min_samples_split=6)
write("leaves_of_three", *find(90, 4, 2.0, min_samples_leaf=3), min_samples_leaf=3)
heavy = {"min_samples_leaf": 2, "class_weight": {0: 1, 1: 3.5}}
write("heavy_frauds", *find(80, 3, 3.0, **heavy), **heavy)
forest()
print("/* clang-format on */")
