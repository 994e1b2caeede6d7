"""Decryption errors of TenSEAL (SEAL) at the paper's set: tests/unit/ckks_oracle.h.

Usage: python3 tests/oracle/ckks.py > tests/unit/ckks_oracle.h, with tenseal==0.3.18.
Uniform [0, 1) vectors of 4096 values; operations as the library offers them, each with its rescaling.
"""
import numpy as np
import tenseal as ts

VECTORS = 100
context = ts.context(ts.SCHEME_TYPE.CKKS, 8192, -1, [60, 40, 40, 60])
context.global_scale = 2.0**40
random = np.random.default_rng(1)
errors = {"fresh": [], "sum": [], "scalar": [], "vector": [], "product": []}
for _ in range(VECTORS):
    x, y = random.random(4096), random.random(4096)
    a, b = ts.ckks_vector(context, x), ts.ckks_vector(context, y)
    for name, result, expected in (("fresh", a, x), ("sum", a + b, x + y), ("scalar", a * 1.5, x * 1.5),
                                   ("vector", a * y.tolist(), x * y), ("product", a * b, x * y)):
        errors[name].append(np.array(result.decrypt()) - expected)
print("/* Made by tests/oracle/ckks.py: TenSEAL 0.3.18, 8192; 60-40-40-60; 2^40, 100 vectors of 4096 uniform values. */")
print("#ifndef QF_TESTS_CKKS_ORACLE_H\n#define QF_TESTS_CKKS_ORACLE_H\n")
print("/* Root mean square of a slot's error, and the mean over vectors of the largest. */")
for name, found in errors.items():
    found = np.array(found)
    print(f"static const double oracle_{name}_deviation = {np.sqrt((found**2).mean()):.4e};")
    print(f"static const double oracle_{name}_largest = {np.abs(found).max(axis=1).mean():.4e};")
print("\n#endif")
