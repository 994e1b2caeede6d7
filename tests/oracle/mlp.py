#!/usr/bin/python3
"""Writes tests/unit/mlp_oracle.h: nets that scikit-learn 1.2.1's MLPClassifier trained, and what they began with.

Run: /usr/bin/python3 tests/oracle/mlp.py > tests/unit/mlp_oracle.h
One epoch over rows in their order, so that no shuffle has to be repeated; the last batch is smaller.
"""
import warnings

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

assert sklearn.__version__ == "1.2.1"
warnings.simplefilter("ignore")
ROWS, COLUMNS = 90, 5
rng = np.random.RandomState(7)
x = np.round(rng.normal(size=(ROWS, COLUMNS)) * 64) / 64
y = (x[:, 0] * x[:, 1] + x[:, 2] + 0.3 * rng.normal(size=ROWS) > 0.2).astype(int)


class Given(MLPClassifier):
    """Begins with the weights that it is given."""

    def _init_coef(self, fan_in, fan_out, dtype):
        coefficients, intercepts = next(self.given)
        assert coefficients.shape == (fan_in, fan_out)
        return coefficients.copy(), intercepts.copy()


def numbers(values):
    return "{" + ", ".join(repr(v) for v in np.ravel(values).tolist()) + "}"


def flat(coefficients, intercepts):
    """Layer after layer: the weights of each output, then the biases."""
    return np.concatenate([np.concatenate([w.T.ravel(), b]) for w, b in zip(coefficients, intercepts)])


def write(name, hidden, activation, solver, rate, alpha, batch):
    sizes = [COLUMNS, *hidden, 1]
    start = [(np.round(rng.normal(size=(a, b)) * 32) / 32, np.round(rng.normal(size=b) * 32) / 32)
             for a, b in zip(sizes, sizes[1:])]
    net = Given(hidden, activation=activation, solver=solver, learning_rate_init=rate, alpha=alpha, batch_size=batch,
                max_iter=1, shuffle=False, momentum=0, nesterovs_momentum=False)
    net.given = iter(start)
    net.fit(x, y)
    print(f"static const double {name}_before[] = {numbers(flat(*zip(*start)))};")
    print(f"static const double {name}_after[] = {numbers(flat(net.coefs_, net.intercepts_))};")
    print(f"static const double {name}_probabilities[] = {numbers(net.predict_proba(x)[:, 1])};")
    kind = {"tanh": "QF_TANH", "relu": "QF_RELU", "logistic": "QF_LOGISTIC"}[activation]
    layers = ", ".join(map(str, hidden))
    return (f'    {{"{name}", {{{layers}}}, {len(hidden)}, {kind}, {"QF_ADAM" if solver == "adam" else "QF_SGD"},\n'
            f"     {rate}, {alpha}, {batch}, {name}_before, {name}_after, {name}_probabilities}},")


print("/* Made by tests/oracle/mlp.py; do not edit. */")
print("/* clang-format off */")
print(f"enum {{ ORACLE_ROWS = {ROWS}, ORACLE_COLUMNS = {COLUMNS} }};")
print(f"static const double oracle_rows[] = {numbers(x)};")
print(f"static const uint8_t oracle_labels[] = {numbers(y)};")
cases = [
    write("tanh", (6, 4), "tanh", "adam", 0.01, 0.0001, 8),
    write("relu", (9,), "relu", "adam", 0.02, 0.5, 7),
    write("logistic", (3, 5, 4), "logistic", "adam", 0.05, 0.01, 20),
    write("descent", (6, 4), "tanh", "sgd", 0.1, 0.1, 8),
]
print("""static const struct mlp_case {
    const char *name;
    size_t hidden[3], layers;
    qf_activation activation;
    qf_optimiser optimiser;
    double rate, l2;
    size_t batch;
    /* Layer after layer: weights [outputs][inputs], biases [outputs]. */
    const double *before, *after, *probabilities;
} mlp_cases[] = {""")
print("\n".join(cases))
print("};")
print("/* clang-format on */")
