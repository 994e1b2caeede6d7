"""What all comparisons of make peers share: the command line, running qf, and timing two sides in turn."""

import os
import re
import resource
import subprocess
import sys
import time
import warnings

warnings.simplefilter("ignore")
work, threads, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
only = sys.argv[4] if len(sys.argv) > 4 else ""
processors = os.sched_getaffinity(0)


def path(name):
    return os.path.join(work, name)


def processor_seconds():
    """Of the processes that have been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_qf(command, source, target, environment=None, clock=time.perf_counter):
    """Seconds of the whole process, and of each phase that it tells of."""
    with open(path(source), "rb") as stdin, open(path(target), "wb") as stdout:
        start = clock()
        done = subprocess.run(command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, check=True,
                              env=environment)
        seconds = clock() - start
    told = re.findall(r"^\S+: (\w+).*\(([0-9.]+) s\)$", done.stderr.decode(), re.MULTILINE)
    return seconds, {name: float(value) for name, value in told}


class Comparison:
    """What one peer does, and how qf does the same; qf writes to `file`."""

    phases = ()  # of qf's own work
    clock = time.perf_counter
    most_threads = 1024  # that it makes sense with

    def prepare(self):
        """Brings the peer's input into memory, off the clock."""

    def peer(self):
        """What is timed; returns its seconds where it times itself."""
        raise NotImplementedError

    def work_alone(self):
        """Seconds of qf's work without reading and writing, once it has run; None where it is not known."""
        return None

    def check(self):
        """Says how the results compare; (text, agree)."""
        return "", True


def compare(comparison):
    from threadpoolctl import threadpool_limits

    os.sched_setaffinity(0, sorted(processors)[:threads])  # some peers take what there is
    comparison.prepare()
    theirs, ours, own = [], [], []
    with threadpool_limits(threads):
        for _ in range(rounds):
            start = comparison.clock()
            told = comparison.peer()
            theirs.append(told or comparison.clock() - start)
            seconds, phases = comparison.qf()
            ours.append(seconds)
            own.append(sum(phases[name] for name in comparison.phases) if comparison.phases else None)
    text, agree = comparison.check()
    least, whole = min(theirs), min(ours)
    work_alone = min(own) if comparison.phases else comparison.work_alone()
    return {
        "what": comparison.name,
        "threads": threads,
        "peer": comparison.peer_name,
        "peer_seconds": f"{least:.4g}",
        "qf_seconds": f"{whole:.4g}",
        "ratio": f"{least / whole:.1f}",
        "qf_work_seconds": f"{work_alone:.4g}" if work_alone else "",
        "work_ratio": f"{least / work_alone:.1f}" if work_alone else "",
        "results": text + ("" if agree else " DISAGREE"),
    }, agree
