"""``python -m benchmarks [latency|footprint]``: all of them without a name. Prints Markdown."""

from __future__ import annotations

import argparse

from benchmarks import footprint, latency


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", choices=("latency", "footprint"))
    parser.add_argument("--rounds", type=int, default=200, help="predictions of each kind")
    arguments = parser.parse_args()
    if arguments.name != "footprint":
        latency.main(arguments.rounds)
    if arguments.name != "latency":
        footprint.main()


if __name__ == "__main__":
    main()
