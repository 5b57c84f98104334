"""The judge, with a language model server that answers by looking at the pictures' pixels."""

import base64
import io
import json
import re

import numpy as np
import pytest
from llm_server import LLMServer, Say
from PIL import Image
from rendered import small_set

from cielr.errors import LLMError
from cielr.evaluation.judge.agreement import kappa, labelled_pairs, measure_agreement, pairs_labelled_by_eye
from cielr.evaluation.judge.difference import check_difference
from cielr.evaluation.judge.rubrics import RUBRICS, give_marks
from cielr.reasoning.chats.catalogue import chat_from

BEFORE = np.full((40, 60, 3), 90, dtype=np.uint8)
AFTER = BEFORE.copy()
AFTER[10:20, 10:20] = 200


def shown(body):
    """The pictures and the text of a request."""
    said = [message["content"] for message in body["messages"]]
    parts = [part for content in said if isinstance(content, list) for part in content]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    images = [np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))) for url in urls]
    texts = [part["text"] for part in parts if part["type"] == "text"]
    texts += [content for content in said if isinstance(content, str)]
    return images, "\n".join(texts)


def by_pixels(truth=None):
    """Answers as somebody would who sees every pixel; with `truth` also what the right result is, by instruction."""

    def answer(body):
        images, text = shown(body)
        differs = images[0].shape != images[1].shape or (images[0] != images[1]).any()
        if "List every visible difference" in text:
            return Say(json.dumps({"differences": ["a square on the left"] if differs else []}))
        if "Give a whole mark" in text:
            names = re.findall(r"^- (\w+):", text, re.MULTILINE)
            return Say(json.dumps({"reason": "seen"} | {name: 5 if differs else 2 for name in names}))
        first_is_before = "The first picture is before" in text
        before, after = images if first_is_before else images[::-1]
        if truth is None:
            return Say(json.dumps({"asked": [True], "done": bool(differs), "nothing_else": True}))
        goal = truth[re.search(r"instruction:\n(.*)", text)[1], before.tobytes()]
        wanted = (goal != before).any(axis=2)
        done = bool((after[wanted] == goal[wanted]).all())
        only = bool((after[~wanted] == before[~wanted]).all())
        return Say(json.dumps({"asked": [], "done": done, "nothing_else": only}))

    return answer


def seeing(server):
    return chat_from(f"openai/tiny@{server.url}/v1", vision=True)


def test_both_orders_are_put_and_repeated():
    with LLMServer([by_pixels()]) as server:
        judged = check_difference(seeing(server), BEFORE, AFTER, "add a square", repeats=2)
    assert (judged.done, judged.nothing_else, judged.passed, judged.agreement) == (1, 1, 1, 1)
    assert len(judged.verdicts) == 4
    sent = [shown(body) for body in server.requests if "messages" in body]
    assert len(sent) == 8
    for images, text in sent:
        first = AFTER if "The first picture is after" in text else BEFORE
        assert np.array_equal(images[0], first)
        # what was asked is not known while one looks
        assert ("add a square" in text) != ("List every visible difference" in text)


def test_an_untouched_picture_does_not_pass():
    with LLMServer([by_pixels()]) as server:
        judged = check_difference(seeing(server), BEFORE, BEFORE, "add a square", repeats=1)
    assert (judged.done, judged.nothing_else, judged.passed) == (0, 1, 0)


def test_a_judge_that_favours_a_place_shows_in_its_agreement():
    def biased(body):
        _, text = shown(body)
        if "List every visible difference" in text:
            return Say('{"differences": ["x"]}')
        return Say(json.dumps({"asked": [True], "done": "The first picture is before" in text, "nothing_else": True}))

    with LLMServer([biased]) as server:
        judged = check_difference(seeing(server), BEFORE, AFTER, "add a square", repeats=2)
    assert (judged.passed, judged.agreement) == (0.5, 0.5)


def test_an_answer_that_does_not_fit_is_asked_for_again_and_then_given_up():
    good = by_pixels()
    with LLMServer(
        [Say("I see a square."), good, Say('```json\n{"done": true, "nothing_else": true}\n```'), good]
    ) as server:
        assert check_difference(seeing(server), BEFORE, AFTER, "add a square", repeats=1).passed == 1
    with LLMServer([Say("no JSON at all")]) as server, pytest.raises(LLMError, match="no judgement that can be used"):
        check_difference(seeing(server), BEFORE, AFTER, "x")


def test_a_model_without_eyes_is_refused():
    with LLMServer([Say("{}")]) as server:
        chat = chat_from(f"openai/tiny@{server.url}/v1")
        with pytest.raises(LLMError, match="takes no pictures"):
            check_difference(chat, BEFORE, AFTER, "x")
        with pytest.raises(LLMError, match="takes no pictures"):
            give_marks(chat, "risebench", BEFORE, AFTER, "x")
        assert not [request for request in server.requests if "messages" in str(request)[:2000]]


@pytest.mark.parametrize("rubric", list(RUBRICS))
def test_marks_are_given_to_every_question_and_only_all_fives_are_solved(rubric):
    names = [question.name for question in RUBRICS[rubric]]
    with LLMServer([by_pixels()]) as server:
        good = give_marks(seeing(server), rubric, BEFORE, AFTER, "add it", "a square", reference_image=AFTER)
        poor = give_marks(seeing(server), rubric, BEFORE, BEFORE, "add it")
    assert good.marks == dict.fromkeys(names, 5)
    assert (good.solved, poor.solved, poor.marks[names[0]]) == (True, False, 2)


def test_marks_out_of_range_are_not_taken():
    marks = {question.name: 6 for question in RUBRICS["risebench"]}
    with LLMServer([Say(json.dumps(marks))]) as server, pytest.raises(LLMError):
        give_marks(seeing(server), "risebench", BEFORE, AFTER, "x")


def test_kappa_is_cohens():
    first = np.array([1, 1, 1, 0, 0, 0, 0, 0, 1, 0], dtype=bool)
    second = np.array([1, 1, 0, 0, 0, 0, 0, 1, 1, 0], dtype=bool)
    # 0.8 observed; by chance 0.4 x 0.4 + 0.6 x 0.6
    assert kappa(first, second) == pytest.approx((0.8 - 0.52) / 0.48)
    assert kappa(first, first) == 1
    assert kappa(np.ones(3, dtype=bool), np.ones(3, dtype=bool)) == 1


def test_labelled_pairs_are_what_their_labels_say_and_a_perfect_judge_agrees(tmp_path):
    dataset = small_set(tmp_path / "set", 10)
    pairs = list(labelled_pairs(dataset, 12))
    assert {pair.kind for pair in pairs} >= {"right", "untouched", "stained"}
    truth = {(pair.instruction, pair.before.tobytes()): pair.after for pair in pairs if pair.kind == "right"}
    for pair in pairs:
        goal = truth[pair.instruction, pair.before.tobytes()]
        wanted = (goal != pair.before).any(axis=2)
        assert bool((pair.after[wanted] == goal[wanted]).all()) == pair.done, pair.kind
        assert bool((pair.after[~wanted] == pair.before[~wanted]).all()) == pair.nothing_else, pair.kind
    with LLMServer([by_pixels(truth)]) as server:
        agreement = measure_agreement(seeing(server), pairs)
    assert (agreement.pairs, agreement.both, agreement.kappa) == (len(pairs), 1, 1)


def test_the_pairs_labelled_by_eye_are_there_with_verdicts_of_every_kind_and_pictures_that_differ():
    pairs = list(pairs_labelled_by_eye())
    assert len(pairs) == 12
    assert {(pair.done, pair.nothing_else) for pair in pairs} == {(a, b) for a in (True, False) for b in (True, False)}
    for pair in pairs:
        assert pair.before.shape == pair.after.shape
        assert np.abs(pair.before.astype(int) - pair.after).max() > 20, pair.instruction


def test_a_run_is_judged_case_by_case_and_not_twice(tmp_path):
    from cielr.cli.main import main
    from cielr.evaluation.judge.run import read_judgements
    from cielr.evaluation.report.tables import read_run
    from cielr.evaluation.runs import run_benchmark
    from cielr.evaluation.runs.run import run_settings

    dataset = small_set(tmp_path / "set", 4)
    lines = run_benchmark(dataset, tmp_path / "run", run_settings(dataset, "edit"))
    edited = [line.case for line in lines if line.picture]
    with LLMServer([by_pixels()]) as server:
        words = ["bench", "judge", str(tmp_path / "run"), "--llm", f"openai/tiny@{server.url}/v1", "--repeats", "1"]
        words += ["-d", str(tmp_path / "set")]
        assert main(words) == 0
        asked = len(server.requests)
        assert main(words) == 0
        assert len(server.requests) - asked <= 2
    assert [one.case for one in read_judgements(tmp_path / "run")] == edited
    values = read_run(tmp_path / "run").values("judge: passed")
    assert values == dict.fromkeys(edited, 1.0)
