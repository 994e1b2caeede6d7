"""Classical models, resampling and reading: against scikit-learn, its Intel extension, imbalanced-learn, pandas."""

import csv
import os
import subprocess

import numpy as np
from common import Comparison, path, run_qf, threads


def score(model, target):
    """Accuracy, PR-AUC and the like of a model that qf trained."""
    names = ["accuracy", "pr_auc"]
    command = f"qf-predict --model {path(model)} < {path(target)} | qf-score | qf-report --to csv"
    text = subprocess.run(["bash", "-c", "set -o pipefail; " + command], capture_output=True, check=True).stdout
    row = next(csv.DictReader(text.decode().splitlines()))
    return {name: float(row[name]) for name in names}


def count_rows(name):
    command = f"qf-view --show records {path(name)} | wc -l"
    return int(subprocess.run(["bash", "-c", command], capture_output=True, check=True).stdout)


class Training(Comparison):
    """A model fitted to the training rows and judged by the test rows."""

    phases, columns, number, within = ("trained",), "", np.float64, 0.005

    def load(self, part):
        data = np.load(path(f"{self.columns}{part}.npz"))
        return np.ascontiguousarray(data["x"], dtype=self.number), data["y"].astype(np.int64)

    def prepare(self):
        self.x, self.y = self.load("train")
        self.test = self.load("test")

    def peer(self):
        self.model.fit(self.x, self.y)

    def qf(self):
        command = self.command + ["--seed", "1", "--threads", str(threads), "--verbose"]
        return run_qf(command, f"{self.columns}train.qf", self.file)

    def theirs(self, x, y):
        from sklearn.metrics import average_precision_score

        p = self.model.predict_proba(x)[:, 1]
        return {"accuracy": ((p > 0.5) == y).mean(), "pr_auc": average_precision_score(y, p)}

    def check(self):
        ours, theirs = score(self.file, f"{self.columns}test.qf"), self.theirs(*self.test)
        text = (f"test accuracy {ours['accuracy']:.4f} against {theirs['accuracy']:.4f}, "
                f"PR-AUC {ours['pr_auc']:.4f} against {theirs['pr_auc']:.4f}")
        return text, all(abs(ours[name] - theirs[name]) <= self.within for name in ours)


class Trees(Training):
    number = np.float32  # as scikit-learn takes them


class Forest(Trees):
    name, file, peer_name = "forest of 300 trees", "forest.qf", "scikit-learn"
    command = ["qf-train-classic", "--model", "forest", "--set", "trees=300"]

    def prepare(self):
        from sklearn.ensemble import RandomForestClassifier

        super().prepare()
        self.model = RandomForestClassifier(300, n_jobs=threads, random_state=1)

    def check(self):
        ours, theirs = score(self.file, "test.qf")["accuracy"], self.theirs(*self.test)["accuracy"]
        # Two forests of other seeds differ by a standard error of the accuracy at most, as a rule.
        error = np.sqrt(theirs * (1 - theirs) / len(self.test[1]))
        return super().check()[0], abs(ours - theirs) < 4 * error


class IntelForest(Forest):
    peer_name = "scikit-learn-intelex"

    def prepare(self):
        from sklearnex.ensemble import RandomForestClassifier

        super().prepare()
        self.model = RandomForestClassifier(300, n_jobs=threads, random_state=1)


class Tree(Trees):
    name, file, peer_name = "tree, not pruned", "tree.qf", "scikit-learn"
    command = ["qf-train-classic", "--model", "tree", "--set", "alpha=0"]

    def prepare(self):
        from sklearn.tree import DecisionTreeClassifier

        super().prepare()
        self.model = DecisionTreeClassifier(random_state=1)

    def check(self):
        ours = [score(self.file, f"{part}.qf")["accuracy"] for part in ("train", "test")]
        theirs = [self.theirs(*part)["accuracy"] for part in ((self.x, self.y), self.test)]
        text = (f"training accuracy {ours[0]:.6f} against {theirs[0]:.6f}, "
                f"test accuracy {ours[1]:.4f} against {theirs[1]:.4f}")
        return text, abs(ours[0] - theirs[0]) < 1e-9 and abs(ours[1] - theirs[1]) <= 0.005


class AdaBoost(Trees):
    """SAMME: the newest scikit-learn no longer has SAMME.R, which takes both as long. Splits that tie may fall
    otherwise, and every later tree depends on it."""

    name, file, peer_name = "AdaBoost of 400 stumps", "adaboost.qf", "scikit-learn"
    command = ["qf-train-classic", "--model", "adaboost", "--set", "estimators=400", "--set", "algorithm=samme"]

    def prepare(self):
        from sklearn.ensemble import AdaBoostClassifier

        super().prepare()
        self.model = AdaBoostClassifier(n_estimators=400, random_state=1)


class XGBoost(Trees):
    """Debian's XGBoost in one thread, inside qf, against the newest with as many as there are."""

    name, file, peer_name = "XGBoost, 300 rounds, exact", "xgboost.qf", "xgboost"
    command = ["qf-train-classic", "--model", "xgboost"]

    def prepare(self):
        from xgboost import XGBClassifier

        super().prepare()
        self.model = XGBClassifier(n_estimators=300, learning_rate=0.1, max_depth=6, tree_method="exact",
                                   base_score=0.5, n_jobs=threads)


class Perceptron(Training):
    """Other first weights and another order of rows make another net, as good."""

    name, file, peer_name = "perceptron 10-10, 100 epochs, columns log-standard", "mlp.qf", "scikit-learn"
    command = ["qf-train-classic", "--model", "mlp"]
    columns, within = "scaled-", 0.01

    def prepare(self):
        from sklearn.neural_network import MLPClassifier

        super().prepare()
        self.model = MLPClassifier((10, 10), activation="tanh", max_iter=100, tol=0, n_iter_no_change=101,
                                   random_state=1)


class Logistic(Training):
    name, file, peer_name = "logistic regression, columns as they are", "logistic.qf", "scikit-learn, newton-cg"
    command = ["qf-train-classic", "--model", "logistic"]
    options = {"solver": "newton-cg", "max_iter": 500}

    def prepare(self):
        from sklearn.linear_model import LogisticRegression

        super().prepare()
        self.model = LogisticRegression(**self.options)


class LogisticScaled(Logistic):
    name, peer_name, columns = "logistic regression, columns log-standard", "scikit-learn, lbfgs", "scaled-"
    options = {"max_iter": 5000}


class Neighbours(Comparison):
    """Prediction; fitting is a copy."""

    name, file, peer_name, columns = "5 neighbours, columns as they are", "knn-scores.qf", "scikit-learn", ""
    phases = ("scored",)

    def classifier(self):
        from sklearn.neighbors import KNeighborsClassifier

        return KNeighborsClassifier()

    def prepare(self):
        train, test = (np.load(path(f"{self.columns}{part}.npz")) for part in ("train", "test"))
        self.asked = np.ascontiguousarray(test["x"])
        self.model = self.classifier().fit(np.ascontiguousarray(train["x"]), train["y"].astype(np.int64))
        run_qf(["qf-train-classic", "--model", "knn"], f"{self.columns}train.qf", "knn.qf")

    def peer(self):
        self.probabilities = self.model.predict_proba(self.asked)[:, 1]

    def qf(self):
        command = ["qf-predict", "--model", path("knn.qf"), "--threads", str(threads), "--verbose"]
        return run_qf(command, f"{self.columns}test.qf", self.file)

    def check(self):
        text = subprocess.run(["qf-export", "--to", "csv", path(self.file)], capture_output=True, check=True).stdout
        ours = [float(row["probability"]) for row in csv.DictReader(text.decode().splitlines())]
        differ = int((np.abs(ours - self.probabilities) > 1e-9).sum())
        # Which of several rows at one distance counts, scikit-learn leaves open.
        return f"{differ} of {len(ours)} probabilities differ", differ <= 0.02 * len(ours)


class NeighboursScaled(Neighbours):
    name, columns = "5 neighbours, columns log-standard", "scaled-"


class IntelNeighbours(Neighbours):
    peer_name = "scikit-learn-intelex"

    def classifier(self):
        from sklearnex.neighbors import KNeighborsClassifier

        return KNeighborsClassifier()


class IntelNeighboursScaled(IntelNeighbours, NeighboursScaled):
    pass


class Svm(Training):
    """With probabilities: both fit the rows and five folds."""

    name, file, peer_name, columns = "SVM, columns log-standard", "svm.qf", "scikit-learn", "scaled-"
    command = ["qf-train-classic", "--model", "svm"]

    def machine(self):
        from sklearn.svm import SVC

        return SVC(gamma="auto", probability=True, random_state=1)

    def prepare(self):
        super().prepare()
        self.model = self.machine()

    def check(self):
        # What scikit-learn says goes by the sign of the decision.
        theirs = (self.model.predict(self.test[0]) == self.test[1]).mean()
        ours = score(self.file, "scaled-test.qf")["accuracy"]
        return f"test accuracy {ours:.4f} against {theirs:.4f}", abs(ours - theirs) <= 0.0005


class IntelSvm(Svm):
    peer_name = "scikit-learn-intelex"

    def machine(self):
        from sklearnex.svm import SVC

        return SVC(gamma="auto", probability=True, random_state=1)


class Smote(Comparison):
    name, file, peer_name, source = "SMOTE, columns as they are", "smote.qf", "imbalanced-learn", "data"
    phases = ("neighbours", "synthesis")

    def prepare(self):
        from imblearn.over_sampling import SMOTE

        data = np.load(path(self.source + ".npz"))
        self.x, self.y = np.ascontiguousarray(data["x"]), data["y"].astype(np.int64)
        self.sampler = SMOTE(random_state=1)

    def peer(self):
        self.made = self.sampler.fit_resample(self.x, self.y)

    def qf(self):
        command = ["qf-smote", "--seed", "1", "--threads", str(threads), "--verbose"]
        return run_qf(command, self.source + ".qf", self.file)

    def check(self):
        rows, theirs = count_rows(self.file), len(self.made[1])
        return f"{rows} rows against {theirs}", rows == theirs


class SmoteScaled(Smote):
    name, source = "SMOTE, columns log-standard", "scaled"


class Import(Comparison):
    name, file, peer_name = "reading CSV", "import.qf", "pandas"

    def peer(self):
        import pandas

        self.frame = pandas.read_csv(path("data.csv"))

    def qf(self):
        name = os.environ.get("TARGET", "")
        return run_qf(["qf-import"] + (["--target", name] if name else []), "data.csv", self.file)

    def check(self):
        rows = count_rows(self.file)
        return f"{rows} rows against {len(self.frame)}", rows == len(self.frame)


KINDS = (Import, Smote, SmoteScaled, Tree, Forest, IntelForest, AdaBoost, XGBoost, Perceptron, Logistic,
         LogisticScaled, Svm, IntelSvm, Neighbours, IntelNeighbours, NeighboursScaled, IntelNeighboursScaled)
