"""Encryption against TenSEAL at the paper's parameters, one thread: each side in place, its encoding and rescaling included."""

import os
import subprocess
import time

from common import Comparison, path

SLOTS, PARAMETERS = 4096, 100_000
LEVELS = [None] + (["avx2"] if "avx512f" in open("/proc/cpuinfo").read() else [])


class Ckks(Comparison):
    """qf's side; peers implement once(), which is timed, and may bring a fresh copy in ready()."""

    peer_name, repeats, most_threads = "TenSEAL", 20, 1

    def prepare(self):
        import numpy as np
        import tenseal as ts

        self.ts = ts
        self.context = ts.context(ts.SCHEME_TYPE.CKKS, 8192, -1, [60, 40, 40, 60], n_threads=1)
        self.context.global_scale = 2.0**40
        random = np.random.default_rng(1)
        self.x, self.y = random.random(SLOTS).tolist(), random.random(SLOTS).tolist()
        self.a, self.b = ts.ckks_vector(self.context, self.x), ts.ckks_vector(self.context, self.y)
        self.found, self.bytes, self.theirs = {level: [] for level in LEVELS}, 0, 0

    def ready(self):
        self.work = self.a.copy()

    def peer(self):
        least = float("inf")
        for _ in range(self.repeats):
            self.ready()
            start = time.perf_counter()
            self.once()
            least = min(least, time.perf_counter() - start)
        return least

    def qf(self):
        for level in LEVELS:
            environment = dict(os.environ, **({"QF_SIMD": level} if level else {}))
            text = subprocess.run([path("../tests/ckks_speed"), self.operation], capture_output=True, check=True,
                                  env=environment).stdout
            seconds, self.bytes, self.error = (float(word) for word in text.split())
            self.found[level].append(seconds)
        return self.found[LEVELS[0]][-1], {}

    def check(self):
        text = f"largest error {self.error:.1e}"
        if self.theirs:
            text = f"{self.bytes:.0f} bytes against {self.theirs}: 1/{self.theirs / self.bytes:.1f}"
        if len(LEVELS) > 1:
            text += f"; with AVX2 alone qf takes {min(self.found[LEVELS[1]]):.3g} s"
        return text, self.error < 1e-7


class Encrypt(Ckks):
    name, operation = "CKKS: encrypt 4096 values", "encrypt"

    def once(self):
        self.ts.ckks_vector(self.context, self.x)


class Add(Ckks):
    name, operation = "CKKS: add", "add"

    def once(self):
        self.work.add_(self.b)


class Scalar(Ckks):
    name, operation = "CKKS: multiply by a number", "scalar"

    def once(self):
        self.work.mul_(1.5)


class Vector(Ckks):
    name, operation = "CKKS: multiply by a vector", "vector"

    def once(self):
        self.work.mul_(self.y)


class Product(Ckks):
    name, operation = "CKKS: multiply two ciphertexts", "product"

    def once(self):
        self.work.mul_(self.b)


class Decrypt(Ckks):
    name, operation = "CKKS: decrypt", "decrypt"

    def once(self):
        self.a.decrypt()


class Serialise(Ckks):
    name, operation = "CKKS: serialise", "serialise"

    def once(self):
        self.theirs = len(self.a.serialize())


class Parameters(Ckks):
    """A model's parameters in as many ciphertexts as that takes, to bytes; the rounds' set here, the paper's there."""

    name, operation, repeats = "CKKS: encrypt 100,000 parameters", "parameters", 3

    def prepare(self):
        super().prepare()
        self.parameters = [self.x[i % SLOTS] for i in range(PARAMETERS)]

    def ready(self):
        pass

    def once(self):
        pieces = range(0, PARAMETERS, SLOTS)
        self.theirs = sum(len(self.ts.ckks_vector(self.context, self.parameters[i:i + SLOTS]).serialize())
                          for i in pieces)


class SeededParameters(Parameters):
    name, operation = "CKKS: the same by the key's owner, seeded", "parameters-seeded"


KINDS = (Encrypt, Add, Scalar, Vector, Product, Decrypt, Serialise, Parameters, SeededParameters)
