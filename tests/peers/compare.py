"""Times qf against the Python packages that do the same: make peers.

Usage: compare.py WORK THREADS ROUNDS [ONLY]

WORK holds data.csv and data, scaled, train, test, scaled-train and scaled-test, each as .qf and .npz, and gets
peers-THREADS.csv. The two sides of a comparison run in turn, ROUNDS times each, and the shortest time of each
counts: on a shared machine noise only adds. Of a peer the clock covers the library's call alone, on arrays in
memory; of qf the whole process, from its start to the last byte written, and where a tool tells with --verbose how
long its own work took ("fit", say), that work beside it. ONLY: comparisons whose name matches this. Exit code 1 when
results disagree.
"""

import csv
import os
import re
import subprocess
import sys
import time
import warnings

import numpy as np

warnings.simplefilter("ignore")
work, threads, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
only = sys.argv[4] if len(sys.argv) > 4 else ""


def path(name):
    return os.path.join(work, name)


def run_qf(command, source, target):
    """Seconds of the whole process, and of each phase that it tells of."""
    with open(path(source), "rb") as stdin, open(path(target), "wb") as stdout:
        start = time.perf_counter()
        done = subprocess.run(command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, check=True)
        seconds = time.perf_counter() - start
    told = re.findall(r"^\S+: (\w+).*\(([0-9.]+) s\)$", done.stderr.decode(), re.MULTILINE)
    return seconds, {name: float(value) for name, value in told}


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


class Comparison:
    """What one peer does, and how qf does the same; qf writes to `file`."""

    phases = ()  # of qf's own work

    def prepare(self):
        """Brings the peer's input into memory, off the clock."""

    def check(self):
        """Says how the results compare; (text, agree)."""
        return "", True


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


class Machine(Training):
    """Platt's folds are drawn otherwise."""

    name, file, peer_name, columns = "SVM with probabilities, columns log-standard", "svm.qf", "scikit-learn", "scaled-"
    command = ["qf-train-classic", "--model", "svm"]

    def classifier(self):
        from sklearn.svm import SVC

        return SVC

    def prepare(self):
        super().prepare()
        self.model = self.classifier()(gamma="auto", probability=True, random_state=1)


class IntelMachine(Machine):
    peer_name = "scikit-learn-intelex"

    def classifier(self):
        from sklearnex.svm import SVC

        return SVC


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


def compare(comparison):
    from threadpoolctl import threadpool_limits

    comparison.prepare()
    theirs, ours, own = [], [], []
    with threadpool_limits(threads):
        for _ in range(rounds):
            start = time.perf_counter()
            comparison.peer()
            theirs.append(time.perf_counter() - start)
            seconds, phases = comparison.qf()
            ours.append(seconds)
            own.append(sum(phases[name] for name in comparison.phases) if comparison.phases else None)
    text, agree = comparison.check()
    least, whole = min(theirs), min(ours)
    work_alone = min(own) if comparison.phases else None
    return {
        "what": comparison.name,
        "threads": threads,
        "peer": comparison.peer_name,
        "peer_seconds": f"{least:.4f}",
        "qf_seconds": f"{whole:.4f}",
        "ratio": f"{least / whole:.1f}",
        "qf_work_seconds": f"{work_alone:.4f}" if work_alone else "",
        "work_ratio": f"{least / work_alone:.1f}" if work_alone else "",
        "results": text + ("" if agree else " DISAGREE"),
    }, agree


def main():
    rows, all_agree = [], True
    kinds = (Import, Smote, SmoteScaled, Tree, Forest, IntelForest, AdaBoost, XGBoost, Perceptron, Logistic,
             LogisticScaled, Machine, IntelMachine, Neighbours, IntelNeighbours, NeighboursScaled,
             IntelNeighboursScaled)
    kinds = [kind for kind in kinds if re.search(only, kind.name)]
    if not kinds:
        sys.exit(f"compare.py: no comparison is called anything like {only!r}")
    for kind in kinds:
        row, agree = compare(kind())
        all_agree = all_agree and agree
        rows.append(row)
        print("  {what}, {threads} thread(s): {peer} {peer_seconds} s, qf {qf_seconds} s: ratio {ratio}"
              .format(**row) + (f"; its work alone {row['work_ratio']}" if row["work_ratio"] else ""), flush=True)
        print(f"    {row['results']}", flush=True)
    with open(path(f"peers-{threads}.csv"), "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return 0 if all_agree else 1


sys.exit(main())
