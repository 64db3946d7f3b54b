"""axe-core's rules, run in a page as it is shown."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.support.node import FRONTEND

_GRAVE = ("serious", "critical")
_RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.map(({ id, impact, nodes }) =>
    ({ id, impact, where: nodes.map((node) => node.html.slice(0, 200)) }));
}"""


def grave_violations(page: Page) -> list[dict[str, Any]]:
    """Those that axe calls serious or critical, with what violates them."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate((FRONTEND / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(_RUN)
    return [one for one in found if one["impact"] in _GRAVE]
