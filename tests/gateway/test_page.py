"""The page, served by the gateway: which addresses are its own, what it is served with, and that it opens nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from gateway.app import create_app
from gateway.page import FILES, VIEWS
from gateway.policy import ROLE
from gateway.settings import GatewaySettings
from shared.settings import load_settings
from tests.conftest import REPOSITORY
from tests.support.apps import running
from tests.support.people import SECRET_KEY
from tests.support.servers import raw_request, serving

INDEX = "<!doctype html><title>DoctorAI</title>" + "<p>" * 400
SCRIPT = "console.log(1);" * 200
SECRET = "nothing of the page"


@pytest.fixture
def settings(alone: GatewaySettings, tmp_path: Path) -> GatewaySettings:
    """Of a gateway with a page, beside which there is something else."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX)
    (folder / "icon.svg").write_text("<svg/>")
    (folder / "left.txt").write_text(SECRET)
    (folder / "assets" / "index-1a2b.js").write_text(SCRIPT)
    (folder / "assets" / "link.js").symlink_to(tmp_path / "secret")
    (tmp_path / "secret").write_text(SECRET)
    return alone.model_copy(update={"page_path": folder, "audit_log_path": tmp_path / "audit"})


@pytest_asyncio.fixture
async def page(settings: GatewaySettings) -> AsyncIterator[httpx.AsyncClient]:
    """A client that shows no credential."""
    async with running(create_app(settings)) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", *(f"/{view}" for view in VIEWS), "/chat?session=1", "/models/tumor", "/history/1-2"]
)
async def test_a_view_is_the_page(page: httpx.AsyncClient, path: str) -> None:
    answer = await page.get(path)
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    assert "camera=(self)" in answer.headers["permissions-policy"]
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; ")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_its_files_are_kept_as_long_as_they_hold(page: httpx.AsyncClient) -> None:
    script = await page.get("/assets/index-1a2b.js")
    assert script.text == SCRIPT
    assert "javascript" in script.headers["content-type"]
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    icon = await page.get("/icon.svg")
    assert (icon.headers["content-type"], icon.headers["cache-control"]) == ("image/svg+xml", "no-cache")


async def test_a_header_is_never_there_twice(page: httpx.AsyncClient) -> None:
    for path in ("/", "/assets/index-1a2b.js", "/assets/none.js", "/api/health", "/docs"):
        names = [name for name, _ in (await page.get(path)).headers.multi_items()]
        assert len(names) == len(set(names)), path


@pytest.mark.parametrize("path", ["/", "/assets/index-1a2b.js"])
async def test_what_has_not_changed_is_not_sent_again(page: httpx.AsyncClient, path: str) -> None:
    first = await page.get(path)
    again = await page.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "cache-control", "content-security-policy"):
        assert again.headers[name] == first.headers[name]
    assert (await page.get(path, headers={"If-None-Match": '"another"'})).status_code == 200


@pytest.mark.parametrize("path", ["/", "/assets/index-1a2b.js"])
async def test_it_is_packed_for_who_can_unpack(page: httpx.AsyncClient, path: str) -> None:
    assert (await page.get(path)).headers["content-encoding"] == "gzip"
    plain = await page.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    head = await page.head(path, headers={"Accept-Encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == plain.headers["content-length"]


@pytest.mark.parametrize(
    "target",
    [
        "/assets/../../secret",
        "/assets/..%2f..%2fsecret",
        "/assets/%2e%2e/%2e%2e/secret",
        "/assets/../left.txt",
        "/assets/../index.html",
        "/assets//../left.txt",
        "/assets/..\\..\\secret",
        "/assets/link.js",
        "/assets//etc/passwd",
        "/assets/",
        "/assets/.",
        "/assets/none.js",
        "/assets/index-1a2b.js/",
        "/assets/%00",
        "/assets/" + "x" * 5000,
    ],
    ids=lambda target: target[:40],
)
async def test_nothing_else_is_handed_out(settings: GatewaySettings, target: str) -> None:
    async with serving(create_app(settings)) as port:
        status, body = await raw_request(port, target)
    assert status == 404
    assert SECRET not in body
    assert '"NOT_FOUND"' in body


@pytest.mark.parametrize(("target", "wanted"), [("*", 401), ("foo", 400)])
async def test_what_is_no_path_is_nobodys(settings: GatewaySettings, target: str, wanted: int) -> None:
    async with serving(create_app(settings)) as port:
        status, body = await raw_request(port, target)
    assert status == wanted
    assert INDEX not in body


@pytest.mark.parametrize(
    "path",
    ["/left.txt", "/index.html", "/chat/a.png", "/chatter", "/asset", "/assets", "//", "/icon.svg/", "/Chat"],
)
async def test_another_address_is_not_the_pages(page: httpx.AsyncClient, path: str) -> None:
    assert (await page.get(httpx.URL("http://test").copy_with(raw_path=path.encode()))).status_code == 401


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/chatter", "/history.html", "/nothing/here", "/apis", "/v3"])
async def test_a_browser_gets_the_page_at_an_address_that_nobody_has(page: httpx.AsyncClient, path: str) -> None:
    answer = await page.get(path, headers=BROWSER)
    assert (answer.status_code, answer.text, answer.headers["cache-control"]) == (200, INDEX, "no-cache")


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/none",
        "/v1/none",
        "/v2/none",
        "/docs",
        "/redoc",
        "/openapi.json",
        "/metrics",
        "/livez",
        "/readyz",
        "/static-offline-docs/none",
    ],
)
async def test_what_is_the_apis_is_not_the_pages_for_a_browser_either(page: httpx.AsyncClient, path: str) -> None:
    assert (await page.get(path, headers=BROWSER)).text != INDEX


async def test_only_reading_is_the_pages(page: httpx.AsyncClient) -> None:
    for path in ("/", "/assets/index-1a2b.js"):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert (await page.request(method, path)).status_code == 401


async def test_it_opens_no_call_of_the_api(settings: GatewaySettings) -> None:
    app = create_app(settings)
    closed = [
        (method, re.sub(r"{[^}]*}", "0" * 32, path))
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
        if ROLE in operation
    ]
    assert len(closed) > 30
    async with running(app) as page:
        for method, path in closed:
            for asked in {method.upper(), "GET", "HEAD"}:
                answer = await page.request(asked, path, headers=BROWSER)
                assert answer.status_code == 401, f"{asked} {path}"


async def test_it_hides_no_call_of_the_api(settings: GatewaySettings) -> None:
    paths = create_app(settings).openapi()["paths"].keys()
    assert not {path for path in paths if path.split("/")[1] in VIEWS or path in FILES}
    assert not [path for path in paths if path.startswith("/assets")]


async def test_its_paths_make_no_series_of_their_own(page: httpx.AsyncClient) -> None:
    for path in ("/", "/chat", "/history", "/icon.svg", "/assets/index-1a2b.js", "/assets/one", "/assets/two"):
        await page.get(path)
    lines = (await page.get("/metrics")).text.splitlines()
    routes = {found[1] for line in lines if (found := re.match(r'http_requests_total{.*route="([^"]*)"', line))}
    assert {route for route in routes if "api" not in route and "v" not in route[:2]} - {"/metrics", "unmatched"} == {
        "/",
        "/icon.svg",
        "/assets/{path}",
    }


async def test_without_one_nothing_is_there(alone: GatewaySettings) -> None:
    async with running(create_app(alone)) as client:
        for path in ("/", "/chat", "/icon.svg", "/assets/index-1a2b.js"):
            assert (await client.get(path)).status_code == 401


def test_a_folder_without_a_page_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("DOCTORAI_MODE", "local")
    monkeypatch.setenv("PAGE_PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"^PAGE_PATH: there is no index\.html in .*; `make page` builds"):
        load_settings(GatewaySettings)
    (tmp_path / "index.html").write_text(INDEX)
    assert load_settings(GatewaySettings).page_path == tmp_path


@pytest.mark.parametrize(("location", "path"), [("/", "/"), ("/assets/", "/assets/index-1a2b.js")])
async def test_nginx_serves_it_with_the_same_headers(page: httpx.AsyncClient, location: str, path: str) -> None:
    """But for what is of the connection and of the file itself."""
    config = (REPOSITORY / "deploy" / "nginx" / "frontend.conf").read_text(encoding="utf-8")
    block = config.partition(f"location {location} {{")[2].partition("}")[0]
    served = {name.lower(): value for name, value in re.findall(r'add_header (\S+) "([^"]*)"(?: always)?;', block)}
    of_the_file = {
        "accept-ranges",
        "content-encoding",
        "content-length",
        "content-type",
        "etag",
        "last-modified",
        "vary",
        "x-request-id",
    }
    answer = (await page.get(path)).headers
    assert {name: value for name, value in answer.items() if name not in of_the_file} == served


def test_every_file_beside_the_page_is_served() -> None:
    public = REPOSITORY / "frontend" / "public"
    assert {f"/{path.relative_to(public).as_posix()}" for path in public.rglob("*") if path.is_file()} == set(FILES)


@pytest.mark.parametrize("asked", ["bytes=abc", "bytes=0-4", "bytes=999999-", "lines=1-2", ""])
async def test_a_file_is_sent_whole(page: httpx.AsyncClient, asked: str) -> None:
    """RFC 9110 lets a server ignore the header; what Starlette says of a wrong one is plain text."""
    answer = await page.get("/assets/index-1a2b.js", headers={"Range": asked})
    assert (answer.status_code, answer.text) == (200, SCRIPT)
    assert answer.headers["accept-ranges"] == "none"
