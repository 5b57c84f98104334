"""A batch on a Ray cluster of two nodes on this machine, one of which is killed in mid-run."""

import os
import socket
import time
from pathlib import Path

import pytest
from batches import Inline, Recorded, marks_of, photo_folder, result_of, settings_of
from cli_help import ROOT

ray = pytest.importorskip("ray", reason="ray is not installed")

from cielr.batch import run_batch  # noqa: E402
from cielr.batch.on_ray import RayCrew  # noqa: E402
from cielr.errors import CielrError  # noqa: E402
from cielr.perception.models.devices import ModelError  # noqa: E402

SECONDS = 0.15


@pytest.fixture(scope="module")
def cluster():
    """Two nodes; whoever kills the second comes last."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        # the nodes' processes find the package and these helpers there
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")]))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        made.second = made.add_node(num_cpus=1)
        ray.init(address=made.address, log_to_driver=False, logging_level="ERROR")
        yield made
        ray.shutdown()
        made.shutdown()


class Awaited(Recorded):
    """Work that begins once two workers are there: a busy machine may start the second when the first has done all."""

    def start(self):
        arrived = self.marks.parent / "arrived"
        (arrived / str(os.getpid())).touch()
        until = time.monotonic() + 120
        while len(list(arrived.iterdir())) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        return self


def _unable():
    raise ModelError("The weights are not here.")


def _nodes_of(ledger: Path) -> list[str]:
    """The node of every photo that is done, in their order."""
    return [line.partition('"where":')[2] for line in (ledger / "timings.jsonl").read_text().splitlines()]


def test_models_that_are_not_on_a_node_are_one_sentence(cluster, tmp_path):
    settings = settings_of(photo_folder(tmp_path / "photos", 2), tmp_path / "out")
    with pytest.raises(CielrError, match="weights are not here"):
        run_batch(settings, RayCrew(_unable))


def test_a_node_that_is_killed_costs_nothing(cluster, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photo_folder(tmp_path / "photos", 30)
    for folder in ("marks", "other", "arrived"):
        (tmp_path / folder).mkdir()
    settings = settings_of("photos", tmp_path / "out", on_sheet=0)
    killed_at = []

    def told(progress, outcome):
        if not killed_at and progress.done >= 8 and len(set(_nodes_of(settings.ledger))) == 2:
            killed_at.append(progress.done)
            cluster.remove_node(cluster.second, allow_graceful=False)

    crew = RayCrew(Awaited(settings.goal, tmp_path / "marks", SECONDS).start)
    summary = run_batch(settings, crew, told)
    assert (summary.done, summary.failed) == (30, 0)
    # both nodes worked, one was killed with work in hand, and every photo has one line
    assert killed_at
    assert killed_at[0] < 26
    assert len(_nodes_of(settings.ledger)) == 30
    assert len(set(_nodes_of(settings.ledger))) == 2
    # what the dead node had in hand was done again, and nothing else
    assert sorted(marks_of(tmp_path / "marks"))[:26] == [1] * 26
    plain = settings_of("photos", tmp_path / "plain", on_sheet=0)
    run_batch(plain, Inline(Recorded(plain.goal, tmp_path / "other")))
    assert result_of(tmp_path / "out") == result_of(tmp_path / "plain")


@pytest.mark.parametrize("address", ["{}", "ray://{}", "{}99999999", "a..b:80"])
def test_a_cluster_that_is_not_there_is_one_sentence(tmp_path, monkeypatch, address):
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = f"127.0.0.1:{server.getsockname()[1]}"
    settings = settings_of(photo_folder(tmp_path / "photos", 2), tmp_path / "out")
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with pytest.raises(CielrError, match=r"No Ray cluster is at .*; `ray start --head` begins one"):
        run_batch(settings, RayCrew(_unable, address=address.format(closed)))
