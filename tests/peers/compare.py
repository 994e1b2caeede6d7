"""Times qf against the Python packages that do the same: make peers.

Usage: compare.py WORK THREADS ROUNDS [ONLY]

WORK holds data.csv, and data, scaled, train, test, scaled-train, scaled-test and hybrid, each as .qf and .npz; it gets
peers-THREADS.csv. The two sides of a comparison run in turn, ROUNDS times each, on THREADS processors, and the shortest
time of each counts: on a shared machine noise only adds. Of a peer the clock covers the library's call alone, on arrays
in memory; of qf the whole process, from its start to the last byte written, and where a tool tells with --verbose how
long its own work took ("fit", say), that work beside it. ONLY: comparisons whose name or peer matches this. Exit code 1
when results disagree. The comparisons are in classic.py, quantum.py and ckks.py.
"""

import csv
import re
import sys

import ckks
import classic
import quantum
from common import compare, only, path, threads


def main():
    rows, all_agree = [], True
    kinds = [kind for kind in classic.KINDS + quantum.KINDS + ckks.KINDS if re.search(only, f"{kind.name}, {kind.peer_name}")]
    if not kinds:
        sys.exit(f"compare.py: no comparison is called anything like {only!r}")
    kinds = [kind for kind in kinds if threads <= kind.most_threads]
    for kind in kinds:
        row, agree = compare(kind())
        all_agree = all_agree and agree
        rows.append(row)
        print("  {what}, {threads} thread(s): {peer} {peer_seconds} s, qf {qf_seconds} s: ratio {ratio}"
              .format(**row) + (f"; its work alone {row['work_ratio']}" if row["work_ratio"] else ""), flush=True)
        print(f"    {row['results']}", flush=True)
    with open(path(f"peers-{threads}.csv"), "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys() if rows else ())
        writer.writeheader()
        writer.writerows(rows)
    return 0 if all_agree else 1


sys.exit(main())
