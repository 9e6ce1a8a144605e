"""Compare engines side by side: same instances, same checker, one core and one process each.

``make bench`` runs the small sizes. For the whole comparison, on a quiet machine::

    python -m benchmarks.run --full
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from math import inf, isinf
from pathlib import Path
from typing import Any

from benchmarks.engines import ENGINES, OURS, Run, plan_peer_runs
from benchmarks.instances import TIGHTNESS, Size
from benchmarks.report import write_report

RESULTS = Path(__file__).parent / "results"
ROOT = Path(__file__).parents[1]
CAP_S = 300.0
GRACE_S = 120.0
ONE_THREAD = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
)  # fmt: skip
QUICK_SIZES = "200x80"
FULL_SIZES = "200x80,1000x400,5000x2000"


def run_process(run: Run, cap_s: float, core: int | None) -> dict[str, Any]:
    """Run one engine in its own process; a row with ``status`` says what became of it."""
    command = [sys.executable, "-m", "benchmarks.worker", "--engine", run.engine]
    command += ["--size", str(run.size), "--seed", str(run.seed), "--tightness", run.tightness]
    if not isinf(run.time_limit_s):
        command += ["--time-limit", str(run.time_limit_s)]
    if core is not None:
        command += ["--core", str(core)]
    row: dict[str, Any] = {
        "engine": run.engine,
        "size": str(run.size),
        "seed": run.seed,
        "tightness": run.tightness,
        "time_limit_s": None if isinf(run.time_limit_s) else run.time_limit_s,
    }
    environment = {**os.environ, **dict.fromkeys(ONE_THREAD, "1"), "PYTHONHASHSEED": "0"}
    allowed_s = cap_s + GRACE_S
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
            timeout=allowed_s,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {**row, "status": f"no result in {allowed_s:.0f} s"}
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        return {**row, "status": f"failed: {reason[0]}"}
    figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    status = "invalid plan" if figures["violations"] else "ok"
    return {**row, "status": status, **figures}


def compare(
    sizes: list[Size], seeds: list[int], options: argparse.Namespace
) -> list[dict[str, Any]]:
    """Every engine on every instance; who follows whom differs from instance to instance."""
    shuffle, rows = random.Random(0), []
    names = options.engines.split(",") if options.engines else sorted(ENGINES)
    for size in sizes:
        for seed in seeds:
            for tightness in options.tightness.split(","):
                for repeat in range(options.repeats):
                    own = Run(OURS, size, seed, tightness, inf)
                    first = run_process(own, options.cap, options.core)
                    _tell(first)
                    runs = plan_peer_runs(own, first.get("wall_s"), options.cap, names)
                    shuffle.shuffle(runs)
                    batch = [first]
                    for run in runs:
                        batch.append(run_process(run, options.cap, options.core))
                        _tell(batch[-1])
                    rows += [{**row, "repeat": repeat} for row in batch]
                    write_report(rows, RESULTS)
    return rows


def _tell(row: dict[str, Any]) -> None:
    limit = "" if row["time_limit_s"] is None else f" {row['time_limit_s']:g} s"
    what = f"{row['size']:>11} seed {row['seed']} {row['tightness']:7} {row['engine']}{limit}"
    if "weight" in row:
        print(
            f"{what:52} {row['weight']:8.0f} weight {row['value']:14,.0f} m "
            f"{row['wall_s']:8.2f} s {row['peak_mb']:7.0f} MB  {row['status']}"
        )
    else:
        print(f"{what:52} {row['status']}")
    sys.stdout.flush()


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=None, help="for example 200x80,1000x400")
    parser.add_argument("--seeds", default=None, help="for example 1,2,3")
    parser.add_argument("--tightness", default="normal", help=f"of {', '.join(TIGHTNESS)}")
    parser.add_argument("--engines", default=None, help=f"of {', '.join(sorted(ENGINES))}")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--cap", type=float, default=CAP_S, help="seconds for each run")
    parser.add_argument("--core", type=int, default=None, help="the core that all runs share")
    parser.add_argument("--full", action="store_true", help="three sizes, three seeds")
    options = parser.parse_args()
    sizes = options.sizes or (FULL_SIZES if options.full else QUICK_SIZES)
    seeds = options.seeds or ("1,2,3" if options.full else "1,2")
    rows = compare(
        [Size.parse(text) for text in sizes.split(",")],
        [int(text) for text in seeds.split(",")],
        options,
    )
    print((RESULTS / "results.md").read_text(encoding="utf-8"))
    if any(row["status"] == "invalid plan" for row in rows):
        sys.exit("A plan broke a rule; see results.csv.")


if __name__ == "__main__":
    main()
