"""A batch on ComfyUI servers: small ones over real sockets, of which some die, stand still, or are interrupted."""

import json

import pytest
from batches import disc_photo, photo_folder, settings_of
from comfy_help import QUICK, background, flow, nothing_is_left, wait  # noqa: F401
from comfy_server import ComfyServer
from PIL import Image

from cielr.batch import run_batch
from cielr.batch.ledger import read_outcomes
from cielr.batch.on_comfy import ComfyCrew, seed_settings
from cielr.batch.work import Work
from cielr.cli import main as cli
from cielr.comfy import Workflow
from cielr.errors import CielrError

SAVED = ("6_00001_.png", "", "output")


@pytest.fixture
def png(tmp_path):
    Image.fromarray(disc_photo(3)).save(tmp_path / "saved.png")
    return (tmp_path / "saved.png").read_bytes()


@pytest.fixture
def pair(png):
    with ComfyServer() as one, ComfyServer() as two:
        for server in (one, two):
            server.files[SAVED] = png
        yield one, two


@pytest.fixture
def photos(tmp_path):
    return photo_folder(tmp_path / "photos", 8)


@pytest.fixture
def settings(photos, tmp_path):
    return settings_of(photos, tmp_path / "out", on_sheet=0)


def crew_of(servers, settings, **more):
    work = Work(settings.goal, settings.thumbnails, dict, "remove it", ("disc",), seed=5)
    return ComfyCrew([server.url for server in servers], Workflow.load(flow()), work, limits=QUICK, **more)


def asked(*servers):
    """Names of the photos that servers were given, sorted."""
    return sorted(body["prompt"]["1"]["inputs"]["image"] for server in servers for body in server.prompts)


def test_servers_share_a_batch(pair, settings, tmp_path, png):
    one, two = pair
    one.seconds = two.seconds = 0.02
    summary = run_batch(settings, crew_of(pair, settings))
    assert (summary.done, summary.failed) == (8, 0)
    assert one.prompts
    assert two.prompts
    assert len(one.prompts) + len(two.prompts) == 8
    inputs = one.prompts[0]["prompt"]
    assert inputs["3"]["inputs"]["instruction"] == "remove it"
    assert inputs["2"]["inputs"]["labels"] == "disc"
    assert inputs["5"]["inputs"]["seed"] == 5
    for outcome in read_outcomes(settings.ledger):
        assert (tmp_path / "out" / outcome.output).read_bytes() == png


def test_what_a_server_had_that_dies_another_does(pair, settings):
    one, two = pair
    one.silent = {"1"}
    told = []
    crew = crew_of(pair, settings, on_passed_on=lambda image, why: told.append(image))
    with background(lambda: run_batch(settings, crew)) as found:
        wait(lambda: one.busy)
        one.close()
    assert (found[0].done, found[0].failed) == (8, 0)
    assert len(two.prompts) == 8
    assert len(set(told)) == len(told) >= 1
    lines = (settings.ledger / "results.jsonl").read_text().splitlines()
    assert len({json.loads(line)["image"] for line in lines}) == len(lines) == 8


def test_what_waits_on_a_server_that_stands_still_another_does(pair, settings):
    one, two = pair
    one.hold.clear()
    with background(lambda: run_batch(settings, crew_of(pair, settings))) as found:
        wait(lambda: len(two.prompts) == 7)
        one.hold.set()
    assert found[0].done == 8
    assert len(one.prompts) == 2
    assert len(one.deleted) == 1


def test_without_any_server_the_batch_stops_and_goes_on_later(pair, settings, png):
    for server in pair:
        server.close()
    with pytest.raises(CielrError, match="No server is left"):
        run_batch(settings, crew_of(pair, settings))
    with ComfyServer() as server:
        server.files[SAVED] = png
        assert run_batch(settings, crew_of([server], settings)).done == 8


def test_what_somebody_interrupts_is_put_back(settings, png):
    with ComfyServer() as server:
        server.files[SAVED] = png
        server.silent = {"3"}
        with background(lambda: run_batch(settings, crew_of([server], settings))) as found:
            wait(lambda: server.stands)
            server.silent = set()
            server._stop_running.set()
        assert (found[0].done, found[0].failed) == (8, 0)
        assert len(server.prompts) == 9


def test_a_run_that_fails_fails_alone_and_plans_are_not_for_servers(pair, photos, tmp_path):
    one, two = pair
    manifest = photos / "jobs.jsonl"
    lines = [{"image": "00.png"}, {"image": "01.png", "plan": "plan.json"}, {"image": "absent.png"}]
    manifest.write_text("\n".join(map(json.dumps, lines)))
    settings = settings_of(manifest, tmp_path / "out", on_sheet=0)
    one.fails = two.fails = {"3": ("NotUnderstood", "Say it again.")}
    summary = run_batch(settings, crew_of(pair, settings))
    assert (summary.done, summary.failed) == (0, 3)
    assert [outcome.kind for outcome in read_outcomes(settings.ledger)] == ["NotUnderstood", "ComfyError", "ComfyError"]


def test_the_command_sends_a_batch_to_servers_and_shows_it(pair, photos, tmp_path, capsys):
    workflow = tmp_path / "flow.json"
    workflow.write_text(json.dumps(flow()))
    urls = ",".join(server.url for server in pair)
    out = tmp_path / "out"
    given = ["batch", str(photos), "remove it", "-o", str(out), "--comfy", urls, "--workflow", str(workflow)]
    assert cli.main([*given, "--format", "jpg"]) == 0
    assert (out / "00.jpg").read_bytes()[:3] == b"\xff\xd8\xff"
    assert len(list((out / "cielr-batch" / "thumbnails").iterdir())) == 8
    capsys.readouterr()
    for more, words in (
        (["--ray", "auto"], "two places"),
        (["--llm", "ollama/x"], "in the servers' workflow"),
        (["--fill", "smooth"], "in the servers' workflow"),
    ):
        assert cli.main([*given, *more]) == 2
        assert words in capsys.readouterr().err


def test_a_seed_goes_to_every_node_of_ours_that_takes_one():
    assert seed_settings(Workflow.load("quickstart"), 9) == {"5.seed": 9}
