"""The paper's hybrid net as its notebooks built it, for make peers: a Keras model with PennyLane's KerasLayer.

Usage: paper.py NPZ JSON, in the environment of paper-requirements.txt.

NPZ holds rows x, labels y and the first weights as qf's model has them; JSON the gates, rate, batch and threads. Answers
lines on standard input: "time N": seconds that N steps take; "losses N": losses of N steps over all rows at once, from
the first weights."""

import json
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import pennylane as qml
import tensorflow as tf

data, told = np.load(sys.argv[1]), json.loads(sys.argv[2])
x, y = data["x"], data["y"]
clock = time.process_time if told["threads"] == 1 else time.perf_counter
tf.config.threading.set_intra_op_parallelism_threads(told["threads"])
tf.config.threading.set_inter_op_parallelism_threads(told["threads"])
tf.keras.backend.set_floatx("float64")


@qml.qnode(qml.device("default.qubit", wires=4))
def circuit(inputs, weights):
    kinds = {"ry": qml.RY, "rz": qml.RZ}
    qml.AngleEmbedding(inputs, wires=range(4))
    for kind, first, second in told["gates"]:
        if kind == "cnot":
            qml.CNOT(wires=[first, second])
        else:
            kinds[kind](weights[second], wires=first)
    return [qml.expval(qml.PauliZ(wire)) for wire in range(3)]


def build():
    layer = qml.qnn.KerasLayer(circuit, {"weights": data["weights_1"].size}, output_dim=3)
    dense = tf.keras.layers.Dense
    model = tf.keras.Sequential([dense(4, activation="relu"), layer, dense(2, activation="softmax")])
    model.compile(tf.keras.optimizers.Adam(told["rate"]), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.build((None, x.shape[1]))
    first, last = (data[f"weights_{i}"].reshape(data[f"biases_{i}"].size, -1).T for i in (0, 2))
    model.set_weights([first, data["biases_0"].ravel(), data["weights_1"].ravel(), last, data["biases_2"].ravel()])
    return model


trained = build()
for line in sys.stdin:
    what, count = line.split()
    if what == "time":
        rows = int(count) * told["batch"]
        start = clock()
        trained.fit(x[:rows], y[:rows], batch_size=told["batch"], epochs=1, shuffle=False, verbose=0)
        answer = clock() - start
    else:
        model = build()
        answer = [float(model.train_on_batch(x, y)[0]) for _ in range(int(count))]
    print(json.dumps(answer), flush=True)
