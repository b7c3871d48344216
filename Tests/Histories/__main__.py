"""Runs as many histories as are asked for, and says of each rule that was broken how often, and by which seed first.

usage: python3 -m Histories COUNT [--from SEED] [--kind KIND] [--style STYLE] [--at-once N] [--show]
"""

import argparse
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

from Peers import styles

from .checking import Problem, judged
from .kinds import KINDS


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/histories", description=__doc__)
    parser.add_argument("count", type=int, help="how many histories of each kind")
    parser.add_argument("--from", dest="first", type=int, default=1, metavar="SEED", help="the first seed (default: 1)")
    parser.add_argument("--kind", choices=KINDS, action="append", help="only this kind; repeatable")
    parser.add_argument("--style", choices=styles.STYLES, help="only this style of answers (default: the seed says)")
    parser.add_argument("--at-once", type=int, default=8, help="how many run at the same time (default: 8)")
    parser.add_argument("--show", action="store_true", help="print the whole of each rule's first problem")
    given = parser.parse_args()
    began = time.monotonic()
    broken: dict[tuple[str, str], list[tuple[int, Problem]]] = defaultdict(list)
    jobs = [(kind, seed) for seed in range(given.first, given.first + given.count) for kind in given.kind or KINDS]

    def run(job: tuple[str, int]) -> list[Problem]:
        return KINDS[job[0]](job[1], given.style)

    with ThreadPoolExecutor(given.at_once) as pool:
        for (kind, seed), problems in zip(jobs, pool.map(run, jobs), strict=True):
            for problem in problems:
                broken[kind, problem.rule].append((seed, problem))
    for (kind, rule), found in sorted(broken.items(), key=lambda one: -len(one[1])):
        seeds = " ".join(str(seed) for seed in dict.fromkeys(seed for seed, _ in found[:5]))
        print(f"{len(found):>5} × {kind}: {rule}; seeds {seeds}")
        if given.show:
            print(found[0][1].detail)
    failed = {(kind, seed) for (kind, _), found in broken.items() for seed, _ in found}
    print(f"{len(jobs)} histories, {len(failed)} with problems, {time.monotonic() - began:.0f} s")
    if judged:
        print(f"{judged[False]} of {judged.total()} calls not judged in full: the machine stalled")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
