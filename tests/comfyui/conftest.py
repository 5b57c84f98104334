"""One real ComfyUI server for the whole run. Without a checkout or its packages, everything here is skipped."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# for `pytest` as for `python -m pytest`: the engine and these helpers are imported from the checkout
for folder in (ROOT, ROOT / "tests" / "support"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from tests.comfyui.client import Client  # noqa: E402

HERE = Path(__file__).resolve().parent
PACK = "cielr"
NEWER = ROOT / ".venv-comfyui" / "frontend-1.58.1" / "comfyui_frontend_package" / "static"
COINS = ROOT / "photos" / "coins.png"
KINDS = ["own-canvas", "newer-canvas", "newer-vue"]
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
TEST_PACK = "cielr_test_nodes"


def all_comfyuis() -> list[Path]:
    """Those of $COMFYUI_PATH, which may name several, then ~/comfy/ComfyUI and ~/ComfyUI."""
    named = [Path(name) for name in os.environ.get("COMFYUI_PATH", "").split(os.pathsep) if name]
    usual = [Path.home() / "comfy" / "ComfyUI", Path.home() / "ComfyUI"]
    there = [one for one in [*named, *usual] if (one / "main.py").is_file() and (one / "comfy_execution").is_dir()]
    return list(dict.fromkeys(there))


def find_comfyui() -> Path | None:
    """The checkout that most tests run in: the first that there is."""
    return next(iter(all_comfyuis()), None)


def version_of(comfy: Path) -> str:
    """Of a checkout, such as "0.33.0"."""
    return re.findall(r'"([0-9.]+)"', (comfy / "comfyui_version.py").read_text(encoding="utf-8"))[0]


def draws_with_vue(comfy: Path) -> bool:
    """Whether our nodes are supported with Vue in the front end that a checkout asks for."""
    asked = re.search(r"frontend-package==1\.(\d+)", (comfy / "requirements.txt").read_text(encoding="utf-8"))
    return asked is not None and int(asked[1]) >= 43


def pages_of_every_version() -> list[str]:
    """What `page` may be in tests that are about every ComfyUI at hand: KINDS, and the own front ends of the others."""
    checkouts = all_comfyuis()
    kinds = [*KINDS, *(["own-vue"] if checkouts and draws_with_vue(checkouts[0]) else [])]
    for comfy in checkouts[1:]:
        ways = ["canvas", "vue"] if draws_with_vue(comfy) else ["canvas"]
        kinds += [f"{version_of(comfy)}-{way}" for way in ways]
    return kinds


def python_of(comfy: Path) -> str:
    """The Python of a checkout: of its own .venv where it has one, else of these tests."""
    own = comfy / ".venv" / "bin" / "python"
    return str(own) if own.exists() and comfy != find_comfyui() else sys.executable


def why_not() -> str | None:
    """One sentence on what keeps these tests from running, or None."""
    if find_comfyui() is None:
        return "No ComfyUI checkout: 'make comfyui-test' says how to get one."
    missing = [name for name in ("torch", "aiohttp", "av", "comfyui_frontend_package") if not _installed(name)]
    return f"These run with 'make comfyui-test', in a venv that has {', '.join(missing)}." if missing else None


def _installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


class Server:
    """A running ComfyUI with only this pack and the tests' own nodes.

    `installed`: the name of the pack's folder for a copy of what a clone would hold; else the checkout is linked.
    `variables`: of its environment, besides this process's own; `comfy`: the checkout, None is the first one.
    """

    def __init__(
        self,
        base: Path,
        *options: str,
        installed: str = "",
        variables: Mapping[str, str] | None = None,
        comfy: Path | None = None,
    ) -> None:
        comfy = comfy or find_comfyui()
        assert comfy is not None
        self.base = base
        self.log = base / "server.log"
        nodes = base / "custom_nodes"
        nodes.mkdir(parents=True, exist_ok=True)
        if installed:
            shutil.copytree(
                ROOT, nodes / installed, ignore=shutil.ignore_patterns(".git", ".venv*", "out", "__pycache__")
            )
        else:
            (nodes / PACK).symlink_to(ROOT)
        (nodes / TEST_PACK).symlink_to(HERE / "node_pack")
        settings = base / "user" / "default"
        settings.mkdir(parents=True)
        (settings / "comfy.settings.json").write_text(
            '{"Comfy.TutorialCompleted": true, "Comfy.Release.Status": "skipped", "Comfy.Locale": "en",'
            ' "Comfy.VueNodes.Enabled": false, "Comfy.Minimap.Visible": false, "Comfy.Graph.CanvasInfo": false}'
        )
        self.port, self.ollama_port = _free_port(), _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = Client(self.url)
        command = [python_of(comfy), "main.py", "--cpu", "--listen", "127.0.0.1", "--port", str(self.port)]
        command += ["--base-directory", str(base), "--database-url", "sqlite:///:memory:", "--disable-api-nodes"]
        command += ["--use-pytorch-cross-attention", "--disable-all-custom-nodes"]
        command += ["--whitelist-custom-nodes", installed or PACK, TEST_PACK, *options]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", **(variables or {})}
        # where a test may put a server; never one that happens to run on this machine
        environment["OLLAMA_HOST"] = f"http://127.0.0.1:{self.ollama_port}"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=comfy, env=environment, stdout=log, stderr=subprocess.STDOUT)

    def wait(self, seconds: float = 180) -> Server:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"ComfyUI ended at its start:\n{self.tail()}")
            try:
                with urllib.request.urlopen(f"{self.url}/system_stats", timeout=5):
                    return self
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"ComfyUI did not start within {seconds} s:\n{self.tail()}")

    def tail(self, lines: int = 60) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(
    base: Path,
    *options: str,
    installed: str = "",
    variables: Mapping[str, str] | None = None,
    comfy: Path | None = None,
) -> Iterator[Server]:
    server = Server(base, *options, installed=installed, variables=variables, comfy=comfy)
    try:
        yield server.wait()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    base = tmp_path_factory.mktemp("comfyui")
    # such as --front-end-root, for another front end than the one that the checkout asks for
    options = shlex.split(os.environ.get("COMFYUI_OPTIONS", ""))
    # which nodes run again is asserted where finished chains are kept; test_memo.py is about the other caches
    options += [] if any(option.startswith("--cache") for option in options) else ["--cache-classic"]
    with running(base, *options) as one:
        if COINS.is_file():
            one.client.upload(COINS, "coins.png")
        yield one
    shutil.rmtree(base / "output", ignore_errors=True)


@pytest.fixture(scope="session")
def newer(tmp_path_factory) -> Iterator[Server]:
    """A server with a newer front end than the checkout asks for."""
    if not NEWER.is_dir():
        pytest.skip("comfyui-frontend-package 1.58.1 is not installed: scripts/comfyui_test.sh does it.")
    with running(tmp_path_factory.mktemp("newer"), "--front-end-root", str(NEWER)) as one:
        one.client.upload(COINS, "coins.png")
        yield one


@pytest.fixture(scope="session")
def chromium():
    """One browser for all pages; its driver cannot be started twice in one thread."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="The front end is tested with playwright.")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("No chromium on the PATH: the front end is not tested.")
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def others(tmp_path_factory) -> Iterator[Callable[[str], Server]]:
    """Servers of the further checkouts by their versions, each started when it is first asked for."""
    started: dict[str, Server] = {}
    with ExitStack() as stack:

        def server_of(version: str) -> Server:
            if version not in started:
                comfy = next(one for one in all_comfyuis()[1:] if version_of(one) == version)
                server = stack.enter_context(running(tmp_path_factory.mktemp("other"), comfy=comfy))
                server.client.upload(COINS, "coins.png")
                started[version] = server
            return started[version]

        yield server_of


@contextmanager
def page_of(request, chromium, kind: str):
    """A page of one kind, as `pages_of_every_version` names them."""
    from tests.comfyui.extension_help import opened

    where, way = kind.rsplit("-", 1)
    if where in ("own", "newer"):
        server = request.getfixturevalue("server" if where == "own" else "newer")
    else:
        server = request.getfixturevalue("others")(where)
    one = opened(chromium, server, **{"Comfy.VueNodes.Enabled": way == "vue"})
    one.host, one.folder, one.kind = server.url, server.base, kind
    yield one
    one.context.close()


@pytest.fixture(scope="module", params=KINDS)
def page(request, chromium):
    """A page of each front end: what the first checkout brings, and a newer one on canvas and with Vue nodes."""
    with page_of(request, chromium, request.param) as one:
        yield one


@pytest.fixture
def flow(page):
    """The page with the quickstart, not run yet."""
    from tests.comfyui.extension_help import load

    return load(page)


@pytest.fixture
def ran(flow):
    """The page with the quickstart, run."""
    from tests.comfyui.extension_help import TOLD, run

    run(flow)
    # what came from the cache is asked of the server, which may take a while to remember
    flow.wait_for_function(TOLD, timeout=20_000)
    return flow


@pytest.fixture(scope="session")
def comfy(server) -> Client:
    return server.client


@pytest.fixture(scope="session")
def shelf(server):
    from tests.comfyui.world import Shelf

    return Shelf(server.base, server.client)


def pytest_collection_modifyitems(config, items):
    """Without a server one test stands for all, so that the reason is told once."""
    reason = why_not()
    ours = [item for item in items if HERE in item.path.parents]
    if reason and ours:
        ours[0].add_marker(pytest.mark.skip(reason=reason))
        config.hook.pytest_deselected(items=ours[1:])
        items[:] = [item for item in items if item not in ours[1:]]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure shows the end of the server's log."""
    report = (yield).get_result()
    for name in ("server", "newer"):
        one = getattr(item, "funcargs", {}).get(name)
        if report.failed and isinstance(one, Server):
            report.sections.append(("end of ComfyUI's log", one.tail()))


@pytest.fixture
def client(server):
    """The engine's own client of the server."""
    from cielr.comfy import ComfyClient

    with closing(ComfyClient(server.url)) as made:
        yield made


@pytest.fixture
def proxy(server):
    from comfy_proxy import Proxy

    with Proxy(server.url) as made:
        yield made


@pytest.fixture
def behind(proxy):
    """A client that reaches the server through the proxy."""
    from cielr.comfy import ComfyClient, Limits

    with closing(ComfyClient(proxy.url, limits=Limits(lost=5))) as made:
        yield made


@pytest.fixture
def nothing_is_left(server):
    """No thread of the client and no job stays behind a test."""
    from tests.comfyui.client_runs import client_threads

    yield
    until = time.monotonic() + 5
    while client_threads() and time.monotonic() < until:
        time.sleep(0.05)
    assert not client_threads()
    queue = server.client.get_json("/queue")
    assert (queue["queue_running"], queue["queue_pending"]) == ([], [])
