"""A batch on two real servers, one of which is killed in mid-run: nothing is lost and nothing is there twice."""

from __future__ import annotations

import json

import numpy as np
import pytest
from batches import INSTRUCTION, photo_folder
from PIL import Image

import cielr
from cielr.batch import BatchSettings, run_batch
from cielr.batch.ledger import read_outcomes
from cielr.batch.on_comfy import ComfyCrew
from cielr.batch.places import Goal
from cielr.batch.source import Source
from cielr.batch.work import Work
from cielr.comfy import Limits, Workflow
from tests.comfyui.conftest import Server

pytest.importorskip("httpx")
pytest.importorskip("websockets")

PHOTOS = 12


@pytest.fixture
def pair(tmp_path):
    servers = [Server(tmp_path / name) for name in ("one", "two")]
    try:
        yield [server.wait() for server in servers]
    finally:
        for server in servers:
            server.stop()


def test_one_of_two_servers_is_killed_and_nothing_is_lost(pair, tmp_path):
    one, two = pair
    photos = photo_folder(tmp_path / "photos", PHOTOS)
    home = tmp_path / "out" / "cielr-batch"
    goal = Goal(str(tmp_path / "out"), str(home / "parts"))
    settings = BatchSettings(Source((str(photos),)), goal, home, {}, ".png", on_sheet=2)
    work = Work(goal, settings.thumbnails, dict, INSTRUCTION, ("disc",))
    crew = ComfyCrew([one.url, two.url], Workflow.load("quickstart"), work, limits=Limits(lost=3))

    def told(progress, outcome):
        if progress.done == 3:
            two.process.kill()

    summary = run_batch(settings, crew, told)
    assert (summary.done, summary.failed) == (PHOTOS, 0)
    where = [json.loads(line)["where"] for line in (home / "timings.jsonl").read_text().splitlines()]
    assert len(where) == PHOTOS
    outcomes = list(read_outcomes(home))
    assert len({outcome.image for outcome in outcomes}) == PHOTOS
    for outcome in outcomes:
        before = np.asarray(Image.open(photos / outcome.image))
        after = np.asarray(Image.open(tmp_path / "out" / outcome.output).convert("RGB"))
        [region] = cielr.work_out(before, cielr.EditRequest(INSTRUCTION, labels=["disc"])).regions
        support = region.support.to_array()
        # every photo is another one: what stayed says that this result is its own
        assert (after[~support] == before[~support]).all()
        assert (after[support] != before[support]).any(axis=1).sum() > 400
    assert sum(bool(outcome.thumbnail) for outcome in outcomes) == 2
