"""``python -m benchmarks [latency|footprint|chat|gateway]``: all of them without a name. Prints Markdown.

``observability``, ``gateway-profile`` and ``containers`` (which needs Docker) run by their name only.
"""

from __future__ import annotations

import argparse

from benchmarks import chat, containers, footprint, gateway, gateway_profile, latency, observability

_NAMES = ("latency", "footprint", "chat", "gateway", "observability", "gateway-profile", "containers")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", choices=_NAMES)
    parser.add_argument("--rounds", type=int, default=200, help="predictions or questions of each kind")
    parser.add_argument(
        "--seconds", type=int, default=30, help="load on each target of gateway, on each service of containers"
    )
    arguments = parser.parse_args()
    if arguments.name in (None, "latency"):
        latency.main(arguments.rounds)
    if arguments.name in (None, "footprint"):
        footprint.main()
    if arguments.name in (None, "chat"):
        chat.main(arguments.rounds)
    if arguments.name in (None, "gateway"):
        gateway.main(arguments.seconds)
    if arguments.name == "observability":
        observability.main(arguments.seconds)
    if arguments.name == "gateway-profile":
        gateway_profile.main(arguments.seconds)
    if arguments.name == "containers":
        containers.main(arguments.seconds)


if __name__ == "__main__":
    main()
