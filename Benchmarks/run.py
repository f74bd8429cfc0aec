"""Runs the parts that are named, or all: `run.py [transports|feed|uploads|imaging|page|abuse|storage[.PART]]…`. Results are kept
in the benchmark folder's results.json."""

import importlib
import os
import sys

import measure


def main():
    wanted = sys.argv[1:] or ["transports", "feed", "uploads", "imaging", "page", "abuse", "storage"]
    print(f"load average at the start: {os.getloadavg()[0]:.1f}; results in {measure.RESULTS}")
    for name in wanted:
        module, _, part = name.partition(".")
        importlib.import_module(module).run(part or None)


main()
