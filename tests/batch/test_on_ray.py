"""A batch on a Ray cluster of two nodes on this machine, one of which is killed in mid-run."""

import os

import pytest
from batches import Inline, Recorded, marks_of, photo_folder, result_of, settings_of
from cli_help import ROOT

ray = pytest.importorskip("ray", reason="ray is not installed")

from cielr.batch import run_batch  # noqa: E402
from cielr.batch.on_ray import RayCrew  # noqa: E402
from cielr.errors import CielrError  # noqa: E402
from cielr.perception.models.devices import ModelError  # noqa: E402

SECONDS = 0.15


@pytest.fixture
def cluster(monkeypatch):
    from ray.cluster_utils import Cluster

    # the nodes' processes find the package and these helpers there
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")]))
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    made.second = made.add_node(num_cpus=1)
    ray.init(address=made.address, log_to_driver=False, logging_level="ERROR")
    yield made
    ray.shutdown()
    made.shutdown()


def _unable():
    raise ModelError("The weights are not here.")


def test_a_node_that_is_killed_costs_nothing(cluster, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photo_folder(tmp_path / "photos", 30)
    (tmp_path / "marks").mkdir()
    (tmp_path / "other").mkdir()
    settings = settings_of("photos", tmp_path / "out", on_sheet=0)
    where: dict[str, int] = {}

    def told(progress, outcome):
        if progress.done == 8:
            assert len(ray.nodes()) == 2
            cluster.remove_node(cluster.second, allow_graceful=False)

    crew = RayCrew(Recorded(settings.goal, tmp_path / "marks", SECONDS).start)
    summary = run_batch(settings, crew, told)
    assert (summary.done, summary.failed) == (30, 0)
    for line in (settings.ledger / "timings.jsonl").read_text().splitlines():
        node = line.partition('"where":')[2]
        where[node] = where.get(node, 0) + 1
    # both nodes worked, and every photo has one line
    assert len(where) == 2
    assert sum(where.values()) == 30
    # what the dead node had in hand was done again, and nothing else
    assert sorted(marks_of(tmp_path / "marks"))[:26] == [1] * 26
    plain = settings_of("photos", tmp_path / "plain", on_sheet=0)
    run_batch(plain, Inline(Recorded(plain.goal, tmp_path / "other")))
    assert result_of(tmp_path / "out") == result_of(tmp_path / "plain")


def test_models_that_are_not_on_a_node_are_one_sentence(cluster, tmp_path):
    settings = settings_of(photo_folder(tmp_path / "photos", 2), tmp_path / "out")
    with pytest.raises(CielrError, match="weights are not here"):
        run_batch(settings, RayCrew(_unable))


def test_a_cluster_that_is_not_there_is_one_sentence(tmp_path):
    settings = settings_of(photo_folder(tmp_path / "photos", 2), tmp_path / "out")
    with pytest.raises(CielrError, match="No Ray cluster is at"):
        run_batch(settings, RayCrew(_unable, address="auto"))
