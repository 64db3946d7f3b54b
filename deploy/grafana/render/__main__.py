"""``python -m deploy.grafana.render --prometheus URL --out FOLDER``: a PNG of each dashboard.

Needs the extra "train".
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import httpx

from deploy.grafana.boards import boards
from deploy.grafana.render.draw import picture
from deploy.grafana.render.source import Prometheus

POINTS = 160
"""Of each line."""


def main() -> None:
    asked = _arguments()
    end = asked.at or time.time()
    step = max(asked.minutes * 60 / POINTS, 5)
    variables = {
        "model": asked.model,
        "service": asked.service or asked.model,
        "__rate_interval": asked.rate,
        "__range": f"{asked.minutes}m",
    }
    asked.out.mkdir(parents=True, exist_ok=True)
    with httpx.Client(base_url=asked.prometheus, timeout=60) as client:
        prometheus = Prometheus(client, end - asked.minutes * 60, end, step)
        for board in boards():
            if not asked.only or board.uid in asked.only:
                picture(board, prometheus, variables, asked.out / f"{board.uid}.png")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.grafana.render")
    parser.add_argument("--prometheus", required=True, help="its address: http://127.0.0.1:9090")
    parser.add_argument("--out", required=True, type=Path, help="the folder that the pictures are written to")
    parser.add_argument("--minutes", type=int, default=30, help="of the time before now (30)")
    parser.add_argument("--at", type=float, help="Unix seconds instead of now")
    parser.add_argument("--model", default="tumor", help="of the dashboard of one model (tumor)")
    parser.add_argument("--service", help="that has the model, where it is named otherwise")
    parser.add_argument("--rate", default="1m", help="what counters are read over: 4 × the scrape interval (1m)")
    parser.add_argument("--only", nargs="*", default=[], help="uids: these dashboards only")
    return parser.parse_args()


if __name__ == "__main__":
    main()
