"""Quantum nets and circuits: against PennyLane (as the paper used it, and with JAX), TensorCircuit, JAX alone, lightning
and qulacs. Double precision throughout.

*An epoch* of a hybrid net: all rows once in batches of 25, with Adam. The peers get their rows shuffled and on the device
beforehand and count nothing but the steps; qf shuffles, judges the rows and keeps its diagnostics. Its own work is what
more epochs take longer than one, its whole process reads the table and trains one epoch. *A gradient*: one
sample forward and back through strongly entangling layers, by all weights (and in qf all inputs besides) of a weighted
sum of Z. Both sides are compiled, traced or prepared beforehand; qf's is tests/peers/quantum_speed.c. With QF_SIMD=avx2
XLA, too, is held to AVX2. One thread is timed by the processor's clock, which leaves out what others do meanwhile."""

import json
import os
import subprocess
import time

import numpy as np
from common import Comparison, path, processor_seconds, run_qf, threads

LEVELS = [os.environ["QF_SIMD"]] if "QF_SIMD" in os.environ else [None, "avx2"]  # that qf runs at
if LEVELS == ["avx2"]:
    os.environ["XLA_FLAGS"] = "--xla_cpu_max_isa=AVX2"
BATCH, CHECKED = 25, 3  # rows of a step; steps over all rows at once whose losses are compared


def turns(kind, wires, first):
    return [(kind, wire, first + i) for i, wire in enumerate(wires)]


RING = [("cnot", i, (i + 1) % 4) for i in range(4)]
CROSS = [("cnot", 0, 2), ("cnot", 2, 0)]
SHORT = (turns("ry", range(4), 0) + RING + turns("ry", range(4), 4) + CROSS + turns("ry", (3, 3), 8)
         + turns("ry", (0, 1, 2, 0, 1, 2), 10) + RING + turns("rz", range(4), 16))
LONG = (SHORT + CROSS + turns("ry", (3, 3), 20) + turns("rz", (0, 1, 2), 22) + turns("ry", (0, 1, 2), 25) + RING
        + turns("rz", range(4), 28))
OUTPUTS = 3  # <Z> of the first wires


def strong(wires, layers):
    """Strongly entangling layers (Schuld et al. 2020)."""
    gates = []
    for layer in range(layers):
        first = 3 * wires * layer
        for wire in range(wires):
            gates += [(kind, wire, first + 3 * wire + i) for i, kind in enumerate(("rz", "ry", "rz"))]
        gates += [("cnot", wire, (wire + layer % (wires - 1) + 1) % wires) for wire in range(wires)]
    return gates


def apply_pennylane(gates, weights):
    import pennylane as qml

    kinds = {"rx": qml.RX, "ry": qml.RY, "rz": qml.RZ}
    for kind, first, second in gates:
        if kind == "cnot":
            qml.CNOT(wires=[first, second])
        else:
            kinds[kind](weights[second], wires=first)


class Quantum(Comparison):
    clock = time.process_time if threads == 1 else time.perf_counter

    def environment(self, level):
        return dict(os.environ, QF_SIMD=level) if level else None


# ---- An epoch ----


class Epoch(Quantum):
    """qf's side. Peers give losses(), of the first CHECKED steps of Adam from qf's own first weights."""

    name, layers, circuit, gates, rate, epochs = "epoch of the small hybrid", "4", "long", LONG, 0.01, 40
    file, within = "hybrid-model.qf", 1e-10

    def prepare(self):
        data = np.load(path("hybrid.npz"))
        order = np.random.default_rng(1).permutation(len(data["y"]))
        self.x = np.ascontiguousarray(data["x"], dtype=np.float64)[order]
        self.y = data["y"].astype(np.int64)[order]
        # So small a rate leaves the weights as they were drawn.
        self.train(1, ["--rate", "1e-12", "--optimiser", "sgd", "--batch", str(len(self.y))])
        self.first = self.records()
        self.one, self.many = ({level: [] for level in LEVELS} for _ in range(2))

    def train(self, epochs, options=(), level=None):
        command = ["qf-train-qnn", "--layers", self.layers, "--circuit", self.circuit, "--batch", str(BATCH), "--rate",
                   str(self.rate), "--epochs", str(epochs), "--threads", str(threads), *options]
        clock = processor_seconds if threads == 1 else time.perf_counter
        return run_qf(command, "hybrid.qf", self.file, self.environment(level), clock)[0]

    def records(self):
        """The model's facts and arrays, by name."""
        text = subprocess.run(["qf-view", "--show", "records", path(self.file)], capture_output=True, check=True).stdout
        parts = [json.loads(line) for line in text.decode().splitlines()]
        found = {p["array"]: np.array(p["data"]).reshape(p["shape"]) for p in parts if "array" in p}
        return found | {name: value for p in parts if "array" not in p for name, value in p.items()}

    def qf(self):
        for level in LEVELS:
            self.one[level].append(self.train(1, level=level))
            self.many[level].append(self.train(self.epochs, level=level))
        return self.one[LEVELS[0]][-1], {}

    def work_alone(self, level=LEVELS[0]):
        return (min(self.many[level]) - min(self.one[level])) / (self.epochs - 1)

    def check(self):
        self.train(CHECKED, ["--batch", str(len(self.y))])
        ours, theirs = self.records()["epoch_loss"], self.losses()
        worst = max(abs(a - b) for a, b in zip(ours, theirs))
        text = f"losses of {CHECKED} steps differ by {worst:.0e} at most"
        if len(LEVELS) > 1:
            text += f"; with AVX2 alone qf's epoch takes {self.work_alone(LEVELS[1]):.4f} s"
        return text, worst < self.within


class Large:
    name, layers, circuit, gates, rate, epochs = "epoch of the large hybrid", "113-64-32-16-4", "short", SHORT, 0.001, 8


class Jax(Epoch):
    """A net of which subclasses give the circuit; the whole epoch is one compiled loop."""

    def prepare(self):
        import jax
        import jax.numpy as jnp

        super().prepare()
        jax.config.update("jax_enable_x64", True)

        def array(name):
            return jnp.array(self.first[name])

        def dense(i):
            biases = array(f"biases_{i}").ravel()
            return array(f"weights_{i}").reshape(biases.size, -1), biases

        def batches(rows):
            whole = len(rows) // BATCH * BATCH
            return jnp.array(rows[:whole]).reshape(-1, BATCH, *rows.shape[1:]), jnp.array(rows[whole:])

        count = self.layers.count("-") + 1
        self.weights = {"dense": [dense(i) for i in range(count)], "circuit": array(f"weights_{count}").ravel(),
                        "last": dense(count + 1)}
        self.zeros = jax.tree.map(jnp.zeros_like, self.weights)
        self.batches, self.rest = zip(batches(self.x), batches(self.y))
        self.build()
        self.run = jax.jit(self.all_batches)
        self.peer()

    def loss(self, weights, x, y):
        import jax

        for matrix, biases in weights["dense"]:
            x = jax.nn.relu(x @ matrix.T + biases)
        matrix, biases = weights["last"]
        logits = self.outputs(x, weights["circuit"]) @ matrix.T + biases
        return -jax.numpy.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1).mean()

    def step(self, state, batch):
        """Adam as Keras has it."""
        import jax

        weights, means, squares, time = state
        loss, gradient = jax.value_and_grad(self.loss)(weights, *batch)
        time = time + 1
        rate = self.rate * jax.numpy.sqrt(1 - 0.999**time) / (1 - 0.9**time)
        means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, gradient)
        squares = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, squares, gradient)
        weights = jax.tree.map(lambda w, m, s: w - rate * m / (jax.numpy.sqrt(s) + 1e-7), weights, means, squares)
        return (weights, means, squares, time), loss

    def start(self):
        return self.weights, self.zeros, self.zeros, 0.0

    def all_batches(self, state, batches, rest):
        import jax

        state, losses = jax.lax.scan(self.step, state, batches)
        return (self.step(state, rest)[0] if len(rest[1]) else state), losses

    def peer(self):
        import jax

        jax.block_until_ready(self.run(self.start(), self.batches, self.rest))

    def losses(self):
        import jax

        state, losses, step = self.start(), [], jax.jit(self.step)
        for _ in range(CHECKED):
            state, loss = step(state, (self.x, self.y))
            losses.append(float(loss))
        return losses


class PennyLaneJax(Jax):
    peer_name = "PennyLane, JAX"

    def build(self):
        import jax.numpy as jnp
        import pennylane as qml

        @qml.qnode(qml.device("default.qubit", wires=4), interface="jax", diff_method="backprop")
        def circuit(inputs, weights):
            apply_pennylane(turns("rx", range(4), 0), inputs.T)
            apply_pennylane(self.gates, weights)
            return [qml.expval(qml.PauliZ(wire)) for wire in range(OUTPUTS)]

        self.outputs = lambda x, weights: jnp.stack(circuit(x, weights), axis=1)


class TensorCircuit(Jax):
    peer_name = "TensorCircuit, JAX"

    def build(self):
        import jax
        import jax.numpy as jnp
        import tensorcircuit as tc

        tc.set_backend("jax")
        tc.set_dtype("complex128")

        def sample(inputs, weights):
            circuit = tc.Circuit(4)
            for wire in range(4):
                circuit.rx(wire, theta=inputs[wire])
            for kind, first, second in self.gates:
                if kind == "cnot":
                    circuit.cnot(first, second)
                else:
                    getattr(circuit, kind)(first, theta=weights[second])
            return jnp.stack([jnp.real(circuit.expectation_ps(z=[wire])) for wire in range(OUTPUTS)])

        self.outputs = jax.vmap(sample, in_axes=(0, None))


class FusedJax(Jax):
    """The circuit's 16 x 16 unitary once a step, the embedding as a product: what one would write by hand."""

    peer_name = "JAX by hand"

    def build(self):
        import jax.numpy as jnp

        states = np.arange(16)
        signs = jnp.array([1 - 2 * (states >> (3 - wire) & 1) for wire in range(OUTPUTS)], dtype=float).T

        def unitary(weights):
            matrix = jnp.eye(16, dtype=complex)
            for kind, first, second in self.gates:
                if kind == "cnot":
                    matrix = matrix[np.where(states >> (3 - first) & 1, states ^ 1 << (3 - second), states)]
                    continue
                c, s, tensor = jnp.cos(weights[second] / 2), jnp.sin(weights[second] / 2), matrix.reshape(2**first, 2, -1)
                zero, one = tensor[:, 0], tensor[:, 1]
                if kind == "ry":
                    zero, one = c * zero - s * one, s * zero + c * one
                else:
                    zero, one = (c - 1j * s) * zero, (c + 1j * s) * one
                matrix = jnp.stack((zero, one), axis=1).reshape(16, 16)
            return matrix

        def outputs(x, weights):
            state = jnp.ones((len(x), 1))
            for wire in range(4):
                turn = jnp.stack((jnp.cos(x[:, wire] / 2), -1j * jnp.sin(x[:, wire] / 2)), axis=1)
                state = (state[:, :, None] * turn[:, None, :]).reshape(len(x), -1)
            state = state @ unitary(weights).T
            return (state.real**2 + state.imag**2) @ signs

        self.outputs = outputs


class PaperWay(Epoch):
    """PennyLane's KerasLayer on default.qubit, eagerly, as the paper's notebooks ran it: a program of its own (paper.py)
    with packages of that time. An epoch takes minutes: it times some batches, which are scaled. Keras tells losses in
    single precision."""

    peer_name, batches, within = "PennyLane, Keras (some batches, scaled)", 8, 1e-7

    def prepare(self):
        super().prepare()
        first = {name: self.first[name] for name in ("weights_0", "biases_0", "weights_1", "weights_2", "biases_2")}
        np.savez(path("hybrid-paper.npz"), x=self.x, y=self.y, **first)
        gates = json.dumps({"gates": self.gates, "rate": self.rate, "batch": BATCH, "threads": threads})
        python = path("paper-venv/bin/python")
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "paper.py")
        self.program = subprocess.Popen([python, script, path("hybrid-paper.npz"), gates], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.ask("time", 2)

    def ask(self, what, count):
        print(what, count, file=self.program.stdin, flush=True)
        return json.loads(self.program.stdout.readline())

    def peer(self):
        return self.ask("time", self.batches) / self.batches * len(self.y) / BATCH

    def losses(self):
        losses = self.ask("losses", CHECKED)
        self.program.stdin.close()
        self.program.wait()
        return losses


# ---- Forward and gradient ----


class Gradient(Quantum):
    """qf's side; peers leave the gradient by the weights in self.gradient."""

    layers, repeats = 3, 1

    def prepare(self):
        self.count = 3 * self.wires * self.layers
        self.inputs = 0.01 * np.arange(self.wires)
        self.weights = 0.1 * (np.arange(self.count) % 97)
        self.factors = 0.1 * np.arange(self.wires)
        self.gates = turns("rx", range(self.wires), 0), strong(self.wires, self.layers)
        self.found = {level: [] for level in LEVELS}
        self.build()
        self.once()

    def qf(self):
        command = [path("../tests/quantum_speed"), "strong", str(self.wires), str(self.layers), str(threads)]
        for level in LEVELS:
            text = subprocess.run(command, capture_output=True, check=True, env=self.environment(level)).stdout
            seconds, *self.ours = (float(word) for word in text.split())
            self.found[level].append(seconds)
        return self.found[LEVELS[0]][-1], {}

    def peer(self):
        start = self.clock()
        for _ in range(self.repeats):
            self.once()
        return (self.clock() - start) / self.repeats

    def check(self):
        worst = np.abs(np.array(self.ours) - self.gradient).max()
        text = f"gradients differ by {worst:.0e} at most"
        if len(LEVELS) > 1:
            text += f"; with AVX2 alone qf takes {min(self.found[LEVELS[1]]):.2e} s"
        return text, worst < 1e-10


class Lightning(Gradient):
    """By the adjoint method, on a circuit that is traced and lowered beforehand: less than a user of QNodes waits."""

    peer_name = "lightning.qubit"

    def build(self):
        import pennylane as qml

        with qml.queuing.AnnotatedQueue() as queue:
            apply_pennylane(self.gates[0], self.inputs)
            apply_pennylane(self.gates[1], self.weights)
            qml.expval(qml.dot(self.factors, [qml.PauliZ(wire) for wire in range(self.wires)]))
        tape = qml.tape.QuantumScript.from_queue(queue)
        tape.trainable_params = list(range(self.wires, self.wires + self.count))
        self.device = qml.device("lightning.qubit", wires=self.wires)
        config = qml.devices.ExecutionConfig(gradient_method="adjoint")
        self.config = self.device.setup_execution_config(config, tape)
        (self.tape,), _ = self.device.preprocess_transforms(self.config)([tape])

    def once(self):
        self.gradient = np.array(self.device.execute_and_compute_derivatives(self.tape, self.config)[1]).ravel()


class Qulacs(Gradient):
    """Its backpropagation; its angles have the other sign."""

    peer_name = "qulacs"

    def build(self):
        import qulacs

        self.circuit = qulacs.ParametricQuantumCircuit(self.wires)
        for _, wire, i in self.gates[0]:
            self.circuit.add_RX_gate(wire, -self.inputs[i])
        add = {"ry": self.circuit.add_parametric_RY_gate, "rz": self.circuit.add_parametric_RZ_gate}
        for kind, first, second in self.gates[1]:
            if kind == "cnot":
                self.circuit.add_CNOT_gate(first, second)
            else:
                add[kind](first, -self.weights[second])
        self.observable = qulacs.Observable(self.wires)
        for wire in range(self.wires):
            self.observable.add_operator(self.factors[wire], f"Z {wire}")

    def once(self):
        self.gradient = -np.array(self.circuit.backprop(self.observable))


def sizes(peer):
    """A peer's comparisons at 10, 16 and 20 wires."""
    return [type(f"{peer.__name__}{wires}", (peer,), {
        "wires": wires, "repeats": repeats, "name": f"gradient of strongly entangling layers, {wires} wires x 3"})
        for wires, repeats in ((10, 20), (16, 1), (20, 1))]


KINDS = (PaperWay, PennyLaneJax, TensorCircuit, FusedJax, *(type(f"Large{peer.__name__}", (Large, peer), {})
         for peer in (TensorCircuit, FusedJax)), *sizes(Lightning), *sizes(Qulacs))
