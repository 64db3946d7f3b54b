"""``python -m deploy.grafana.source``: writes every dashboard's JSON anew."""

from __future__ import annotations

from deploy.grafana.source.dashboards import FOLDER, files

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
