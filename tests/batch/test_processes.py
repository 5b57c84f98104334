"""The crew of processes: one that dies, hangs, or cannot begin; and no more tasks in hand than are worked at."""

import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest
from patience import without_waiting

from cielr.batch import Item, Outcome, Task
from cielr.batch.processes import DEPTH, ProcessCrew
from cielr.errors import CielrError
from cielr.perception.models.devices import ModelError


def task(number, image="a.png"):
    return Task(number, f"{number:032x}", Item(image=image), "", f"{number}.png")


def _done(task):
    return Outcome(image=task.item.image, status="done", output=task.output)


def _deadly(folder, task):
    """A photo called "die" ends its process; "once" only the first time; "hang" never ends."""
    what = task.item.image
    if what == "once" and not (folder / "died").exists():
        (folder / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "hang":
        time.sleep(600)
    return _done(task)


def deadly(folder):
    return partial(_deadly, folder)


def unable():
    raise ModelError("The weights are not here.")


def exits():
    os._exit(7)


def quick():
    return _done


def told(crew, tasks):
    return {ended.task.number: ended.outcome for ended in crew.run(iter(tasks))}


def test_every_task_ends_once():
    ended = [ended.task.number for ended in ProcessCrew(quick, 2).run(task(number) for number in range(50))]
    assert sorted(ended) == list(range(50))


def test_tasks_are_taken_only_as_hands_are_free():
    taken = 0

    def tasks():
        nonlocal taken
        for number in range(200):
            taken += 1
            yield task(number)

    most = 0
    for count, _ in enumerate(ProcessCrew(quick, 2).run(tasks()), start=1):
        most = max(most, taken - count)
    assert most <= 2 * DEPTH


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_process_that_dies_is_replaced_and_its_photo_tried_once_more(tmp_path):
    names = ["a", "once", "b", "die", "c", "d"]
    outcomes = told(ProcessCrew(partial(deadly, tmp_path), 2), [task(n, name) for n, name in enumerate(names)])
    assert [outcomes[number].status for number in range(6)] == ["done", "done", "done", "failed", "done", "done"]
    assert outcomes[3].kind == "Died"
    assert "signal 9" in outcomes[3].reason


@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_process_that_hangs_is_ended_and_the_rest_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("cielr.batch.processes.GRACE", 0.5)
    with without_waiting(600):
        outcomes = told(
            ProcessCrew(partial(deadly, tmp_path), 1, limit=0.5), [task(0, "hang"), task(1, "a"), task(2, "b")]
        )
    assert [outcomes[number].status for number in range(3)] == ["failed", "done", "done"]
    assert outcomes[0].reason == "It took more than 0.5 seconds."


def test_models_that_cannot_be_loaded_end_the_batch():
    with pytest.raises(CielrError, match=r"The weights are not here\."):
        told(ProcessCrew(unable, 2), [task(0)])
    with pytest.raises(CielrError, match="while it loaded its models"):
        told(ProcessCrew(exits, 1), [task(0)])


def test_who_stops_listening_leaves_no_process(tmp_path):
    crew = ProcessCrew(partial(deadly, tmp_path), 2)
    ends = crew.run(task(number, "hang" if number else "a") for number in range(4))
    next(ends)
    processes = [member.process for member in crew._members]
    ends.close()
    assert not any(process.is_alive() for process in processes)


def test_a_photo_that_takes_too_long_is_given_up_by_its_worker(tmp_path, monkeypatch):
    from cielr.batch.places import Goal
    from cielr.batch.work import Work

    work = Work(Goal(str(tmp_path)), Goal(str(tmp_path)), dict, "blur everything", limit=0.01)

    def slow(photo, request, on_event=None):
        for _ in range(100):
            time.sleep(0.01)
            on_event(None)

    monkeypatch.setattr("cielr.pipeline.carry_out", slow)
    photo = Path(__file__).parents[2] / "photos" / "coins.png"
    outcome = work.start()(Task(0, "0" * 32, Item(image=str(photo)), "", "coins.png"))
    assert (outcome.kind, outcome.reason) == ("TimeUp", "It took more than 0.01 seconds.")
    assert not (tmp_path / "coins.png").exists()
