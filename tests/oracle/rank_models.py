#!/usr/bin/python3
"""How scikit-learn's models rank on a CSV file: is qf-synth as hard as real fraud data?

usage: qf-synth | qf-export --to csv | tests/oracle/rank_models.py [FILE]

Drops the first column when it numbers the rows, splits 80/20 by class and prints the test accuracy
and average precision of each model on raw features and on standardised sign(x) log(1 + |x|).
Made with scikit-learn 1.2.1 (Debian 12's python3-sklearn)."""
import sys
import warnings

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (AdaBoostClassifier, GradientBoostingClassifier,
                              RandomForestClassifier)
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, average_precision_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

MODELS = {
    "forest": RandomForestClassifier(150, random_state=1),
    "boosting": GradientBoostingClassifier(n_estimators=100, max_depth=4, subsample=0.5,
                                           max_features="sqrt", random_state=1),
    "adaboost": AdaBoostClassifier(n_estimators=150, random_state=1),
    "tree": DecisionTreeClassifier(ccp_alpha=0.0005, random_state=1),
    "mlp": MLPClassifier((10, 10), activation="tanh", max_iter=60, random_state=1),
    "logistic": LogisticRegression(max_iter=300),
    "svm": SVC(gamma="auto"),
    "knn": KNeighborsClassifier(15),
    "naive bayes": GaussianNB(),
    "dummy": DummyClassifier(),
}


def main():
    warnings.filterwarnings("ignore")
    source = sys.argv[1] if len(sys.argv) > 1 else sys.stdin
    data = np.genfromtxt(source, delimiter=",", skip_header=1)
    x, y = data[:, :-1], data[:, -1].astype(int)
    if np.array_equal(x[:, 0], np.arange(len(x))):
        x = x[:, 1:]
    print(f"{x.shape[0]} x {x.shape[1]}, fraud {y.mean():.4f}, zeros {np.mean(x == 0):.3f}")
    train, test, y_train, y_test = train_test_split(x, y, test_size=0.2, stratify=y,
                                                    random_state=1)
    def log(values):
        return np.sign(values) * np.log1p(np.abs(values))
    scaler = StandardScaler().fit(log(train))
    views = {"raw": (train, test),
             "log-standard": (scaler.transform(log(train)), scaler.transform(log(test)))}
    for view, (fitted, unseen) in views.items():
        for name, model in MODELS.items():
            model.fit(fitted, y_train)
            score = (model.decision_function if hasattr(model, "decision_function")
                     else lambda rows: model.predict_proba(rows)[:, 1])(unseen)
            print(f"{view:12} {name:12} accuracy {accuracy_score(y_test, model.predict(unseen)):.4f}"
                  f"  average precision {average_precision_score(y_test, score):.4f}", flush=True)


if __name__ == "__main__":
    main()
