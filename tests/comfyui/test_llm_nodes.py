"""The language model nodes against a server of the real wire formats, and the plan that is held for review."""

import json
import socket
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import numpy as np
import pytest
from llm_server import Fail, LLMServer, Say, Silent

from cielr.actions import Modify, Plan
from tests.comfyui.client import Client, Refused, begins, node
from tests.comfyui.language import ANGRY, ollama, openai, reasoned
from tests.comfyui.world import DISCS, Shelf, action, chain, changed, disc, edited, picture, scene

BLUE = Modify(targets=("disc_1",), change="colour blue")
DO = {
    "reason": "It is the red one.",
    "turn": {
        "kind": "plan",
        "summary": "Paint the first disc blue.",
        "actions": [{"kind": "modify", "targets": ["disc_1"], "change": "colour blue", "reason": "It is asked for."}],
    },
}
QUESTION = {"reason": "", "turn": {"kind": "question", "question": "Which disc?", "choices": ["the red", "the blue"]}}


@pytest.mark.parametrize("kind", [ollama, openai])
def test_what_the_model_plans_is_carried_out_and_its_memory_given_back(comfy, shelf, kind):
    with LLMServer([Say(json.dumps(DO))]) as server:
        run = comfy.check(reasoned(shelf, kind(server)))
        assert np.array_equal(comfy.array(run, "keep")[0], edited(picture(), Plan(actions=(BLUE,)), 7))
        assert len(server.chats) == 1
        assert server.settles()
        if kind is ollama:
            assert server.unloaded == 1, "the diffusion model gets the memory"


@pytest.mark.parametrize("kind", [ollama, openai])
def test_how_the_model_is_asked_is_chosen_on_the_node(comfy, shelf, kind):
    def first_words(seed, **settings):
        with LLMServer([Say(json.dumps(DO))]) as server:
            comfy.run(reasoned(shelf, kind(server, seed=seed, **settings), "tidy the table"))
            return server.chats[0]["messages"]

    full, brief = first_words(41, prompt="full"), first_words(42, prompt="brief")
    assert "tidy the table" in json.dumps(full)
    assert full[0] != brief[0]
    assert len(json.dumps(brief)) < len(json.dumps(full)) / 2
    saved_before_there_was_a_choice = first_words(43)
    assert saved_before_there_was_a_choice[0] == full[0], "auto: a server that tells no size is asked everything"


def test_an_explicit_instruction_costs_no_call(comfy, shelf):
    with LLMServer([Say(json.dumps(DO))]) as server:
        run = comfy.check(reasoned(shelf, ollama(server), "make the leftmost disc blue"))
        assert np.array_equal(comfy.array(run, "keep")[0], edited(picture(), Plan(actions=(BLUE,)), 7))
        assert server.chats == []


def test_the_same_words_again_ask_nobody_and_another_seed_asks_again(comfy, shelf):
    with LLMServer([Say(json.dumps(DO))]) as server:
        prompt = reasoned(shelf, ollama(server))
        comfy.check(prompt)
        assert comfy.check(prompt).executed == []
        assert len(server.chats) == 1
        again = comfy.check(reasoned(shelf, ollama(server, seed=5)))
        assert len(server.chats) == 2
        assert server.chats[1]["options"]["seed"] == 5
        assert not [name for name in again.executed if name.startswith("edit.")], "the same plan paints nothing anew"


def test_a_question_stops_the_run_and_is_answered_in_the_input(comfy, shelf):
    with LLMServer([Say(json.dumps(QUESTION)), Say(json.dumps(DO))]) as server:
        run = comfy.check(reasoned(shelf, ollama(server, seed=11)))
        shown = run.outputs["reason"]
        assert shown["text"] == ["The language model asks: Which disc? (the red / the blue)"]
        asked = {"text": "Which disc?", "choices": ["the red", "the blue"], "instruction": ANGRY}
        assert shown["question"] == [asked]
        assert "keep" not in run.outputs, "nothing that needs the plan came to a result"
        again = comfy.check(reasoned(shelf, ollama(server, seed=11)))
        assert again.outputs["reason"]["question"] == run.outputs["reason"]["question"], "a second run asks it again"
        assert len(server.chats) == 1, "and the model is not asked a second time"
        comfy.check(reasoned(shelf, ollama(server, seed=11), answer="the red"))
        told = server.chats[-1]["messages"][1]["content"]
        assert "Which disc? (the red / the blue)\nthe red" in told, "with the question: this conversation is a new one"


def test_the_second_answer_comes_with_the_first_and_another_instruction_forgets_both(comfy, shelf):
    again = {"reason": "", "turn": {"kind": "question", "question": "How calm?", "choices": []}}
    with LLMServer([Say(json.dumps(one)) for one in (QUESTION, again, DO, DO)]) as server:
        comfy.run(reasoned(shelf, ollama(server, seed=31)))
        comfy.run(reasoned(shelf, ollama(server, seed=31), answer="the red"))
        comfy.check(reasoned(shelf, ollama(server, seed=31), answer="very"))
        told = server.chats[-1]["messages"][1]["content"]
        assert "Which disc? (the red / the blue)\nthe red\nHow calm?\nvery\n" in told
        comfy.check(reasoned(shelf, ollama(server, seed=31), instruction="calm them all", answer="very"))
        assert "How calm?" not in server.chats[-1]["messages"][1]["content"]


def test_a_silent_model_is_interrupted_within_two_seconds(comfy, shelf):
    with LLMServer([Silent()]) as server:
        comfy.interrupted(reasoned(shelf, ollama(server, seed=12)), begins("reason"), after=1.0)
        assert server.settles()


def test_what_goes_wrong_is_one_sentence_on_the_node(comfy, shelf):
    with LLMServer([Fail(404, '{"error": "model \'tiny\' not found"}')]) as server:
        run = comfy.run(reasoned(shelf, ollama(server, seed=13)))
        assert run.error["node_id"] == "reason"
        assert "ollama pull tiny" in run.sentence
    run = comfy.run(reasoned(shelf, ollama(server, seed=14)))
    assert "No Ollama server answers" in run.sentence
    nameless = comfy.run(reasoned(shelf, ollama(server, other_model="")))
    assert nameless.error["node_id"] == "llm"
    assert "No model is named" in nameless.sentence


@pytest.mark.parametrize(
    "llm",
    [
        openai(None, url="https://me:hunter2@example.com/v1"),
        openai(None, url="https://example.com/v1?api_key=hunter2"),
        ollama(None, host="http://me:hunter2@example.com:11434"),
    ],
)
def test_an_address_with_a_key_in_it_is_refused_before_a_picture_could_carry_it(comfy, shelf, llm):
    with pytest.raises(Refused) as refused:
        comfy.run(reasoned(shelf, llm))
    assert "saved with the workflow" in json.dumps(refused.value.errors)


def test_settings_are_short_in_words_and_hold_no_address(comfy, shelf):
    with LLMServer([Say(json.dumps(DO))]) as server:
        prompt = reasoned(shelf, ollama(server, seed=15))
        prompt["told"] = node("CIELRTest_Tell", value=["llm", 0])
        assert comfy.check(prompt).outputs["told"]["told"] == ["ollama/tiny"]


def listed(comfy):
    told = comfy.get_json("/object_info/CIELR_OllamaLLM")["CIELR_OllamaLLM"]
    return told["input"]["required"]["model"][1]["options"]


def test_the_list_of_models_is_what_the_server_holds_now(comfy, server):
    assert listed(comfy) == ["named below"]
    with LLMServer(models=("qwen3:8b", "gemma3:4b"), port=server.ollama_port):
        # an answer stands for some seconds
        until = time.monotonic() + 15
        while listed(comfy) == ["named below"] and time.monotonic() < until:
            time.sleep(0.5)
        assert listed(comfy) == ["named below", "gemma3:4b", "qwen3:8b"]


def test_a_model_from_the_list_is_used_and_a_typed_name_wins(comfy, shelf):
    with LLMServer([Say(json.dumps(DO))], models=("tiny", "big")) as llm:
        comfy.check(reasoned(shelf, ollama(llm, model="big", other_model="", seed=16)))
        comfy.check(reasoned(shelf, ollama(llm, model="big", other_model="tiny", seed=17)))
        assert [body["model"] for body in llm.chats] == ["big", "tiny"]


def test_a_batch_keeps_the_model_until_its_last_image(comfy, shelf):
    batch = np.stack([picture(seed=number) for number in (81, 82, 83)])
    with LLMServer([Say(json.dumps(DO))]) as server:
        prompt = reasoned(shelf, ollama(server, seed=18, grammar_first=False))
        prompt["image"] = node("CIELRTest_Array", file=shelf.array(batch))
        masks = np.stack([disc(name) for name in DISCS]).astype(np.float32)
        prompt["masks"] = node("CIELRTest_Array", file=shelf.array(masks))
        everywhere = {"labels": "disc", "pairing": "all for every image"}
        prompt["scene"] = node("CIELR_SceneFromMasks", image=["image", 0], masks=["masks", 1], **everywhere)
        result = comfy.array(comfy.check(prompt), "keep")
        assert len(server.chats) == 3
        assert server.unloaded == 1
        kinds = ["unload" if body.get("keep_alive") == 0 else "chat" for body in server.requests if "model" in body]
    assert kinds[-4:] == ["chat", "chat", "chat", "unload"]
    assert all(changed(before, after)[disc("disc_1")].any() for before, after in zip(batch, result, strict=True))


# -------------------------------------------------------------------------------------------------- allowed by a person


def test_a_host_of_a_workflow_that_is_not_this_machine_is_asked_about_before_anything_is_sent(comfy, shelf, server):
    far = "http://192.0.2.7:11434"
    for llm in (ollama(server, host=far), openai(server, url=f"{far}/v1")):
        run = comfy.run(reasoned(shelf, llm))
        assert run.error["node_id"] == "reason"
        assert run.error["exception_type"].endswith("HostNotAllowed")
        assert "to 192.0.2.7, which is not this machine; nothing has been sent." in run.sentence
        assert "CIELR_ALLOWED_HOSTS" in run.sentence
        asked = [data for kind, data in run.messages if kind == "cielr.event" and data["kind"] == "host"]
        assert [(data["node"], data["text"]) for data in asked] == [("reason", "192.0.2.7")]


def test_the_grammar_needs_no_host_and_nobody_is_asked(comfy, shelf, server):
    far = openai(server, url="http://192.0.2.7:8080/v1")
    comfy.check(reasoned(shelf, far, "make the leftmost disc blue"))


def test_what_a_person_allows_is_remembered_for_that_host_and_not_in_the_workflow(comfy, shelf, server):
    # a name of this machine that is not known to be one, so that something answers
    name = socket.gethostname()
    with LLMServer([Say(json.dumps(DO))]) as llm:
        address = f"http://{name}:{urlsplit(llm.url).port}"
        prompt = reasoned(shelf, ollama(llm, host=address, seed=19))
        assert f"to {name.lower()}, which" in comfy.run(prompt).sentence
        assert llm.requests == []
        comfy.post("/cielr/hosts", {"host": name.lower()})
        kept = json.loads((server.base / "user" / "cielr" / "allowed_hosts.json").read_text())
        assert name.lower() in kept["hosts"]
        # what comes of it hangs on whether that name leads to this server; it is asked now
        after = comfy.run(prompt)
        assert after.error is None or "which is not this machine" not in after.sentence
        other = ollama(llm, host="http://192.0.2.8:11434", seed=20)
        assert "to 192.0.2.8, which is not this machine" in comfy.run(reasoned(shelf, other)).sentence


@pytest.mark.parametrize(
    "body", [{}, {"host": ""}, {"host": "http://x.example"}, {"host": "a b"}, {"host": "x" * 300}, []]
)
def test_only_a_name_of_a_host_can_be_allowed(comfy, body):
    with pytest.raises(Refused):
        comfy.post("/cielr/hosts", body)


def test_a_form_of_another_page_allows_nothing(comfy):
    request = urllib.request.Request(f"{comfy.base}/cielr/hosts", b'{"host": "evil.example"}', method="POST")
    request.add_header("Content-Type", "text/plain")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    assert refused.value.code == 415


def test_an_echo_of_the_environments_key_reaches_neither_plan_nor_message(tmp_path_factory):
    from tests.comfyui.conftest import running

    key = "sekret-0123456789"
    with running(tmp_path_factory.mktemp("keys"), variables={"CIELR_API_KEY": key}) as own:
        shelf = Shelf(own.base, own.client)
        echo = json.loads(json.dumps(DO))
        echo["turn"]["actions"][0]["prompt"] = f"a disc of {key}"
        echo["reason"] = f"My key is {key}."
        with LLMServer([Say(json.dumps(echo)), Fail(400, json.dumps({"error": f"bad key {key}"}))]) as server:
            prompt = reasoned(shelf, openai(server, seed=22))
            prompt["save"] = node("CIELR_SavePlan", plan=["reason", 1], filename_prefix="cielr/plan")
            run = own.client.check(prompt)
            failed = own.client.run(reasoned(shelf, openai(server, seed=23)))
        [file] = (own.base / "output" / "cielr").glob("plan*.json")
        assert "a disc of (key)" in file.read_text()
        assert failed.end == "execution_error"
        for text in (json.dumps(run.outputs), json.dumps(run.messages), json.dumps(failed.messages), file.read_text()):
            assert key not in text


# ---------------------------------------------------------------------------------------------------- held for review


def held(shelf, change, text="", seed=21):
    prompt = chain(shelf, picture(seed=seed), action("modify", "disc_1", change), seed=seed)
    prompt["review"] = node("CIELR_EditPlan", text=text, review=True, plan=["a1", 0], scene=["scene", 0])
    prompt["regions"]["inputs"]["plan"] = ["review", 0]
    return prompt


def test_a_new_plan_stops_the_run_once_and_the_next_run_goes_on(comfy, shelf):
    first = comfy.check(held(shelf, "colour blue"))
    assert "keep" not in first.outputs, "nothing was edited"
    assert "run again to go on" in first.outputs["review"]["said"][0]
    assert first.outputs["review"]["waits"] == [True]
    assert '"colour blue"' in first.outputs["review"]["text"][0]
    second = comfy.check(held(shelf, "colour blue"))
    assert np.array_equal(comfy.array(second, "keep")[0], edited(picture(seed=21), Plan(actions=(BLUE,)), 21))
    assert "waits" not in second.outputs["review"]
    assert comfy.check(held(shelf, "colour blue")).executed == [], "what was released stays released"
    other = comfy.check(held(shelf, "colour green"))
    assert "keep" not in other.outputs, "another plan is held again"


def test_a_correction_goes_on_at_once_and_counts_until_another_plan_comes(comfy, shelf):
    comfy.check(held(shelf, "colour purple", seed=22))
    typed = Plan(actions=(BLUE,)).to_json()
    run = comfy.check(held(shelf, "colour purple", typed, seed=22))
    assert np.array_equal(comfy.array(run, "keep")[0], edited(picture(seed=22), Plan(actions=(BLUE,)), 22))
    assert "typed plan counts" in run.outputs["review"]["said"][0]
    other = comfy.check(held(shelf, "colour yellow", typed, seed=22))
    assert "keep" not in other.outputs
    assert '"colour yellow"' in other.outputs["review"]["text"][0]


def test_the_same_plan_for_another_scene_is_held_again_and_ends_what_was_typed(comfy, shelf):
    typed = Plan(actions=(BLUE,)).to_json()

    def run(dy, text=""):
        prompt = held(shelf, "colour orange", text, seed=23)
        known = scene()
        moved = [
            thing.model_copy(update={"mask": (m := thing.mask.shift(0, dy)), "box": m.box}) for thing in known.objects
        ]
        prompt["scene"]["inputs"]["file"] = shelf.scene(known.model_copy(update={"objects": tuple(moved)}))
        return comfy.check(prompt)

    assert "keep" not in run(0).outputs
    assert "keep" in run(0).outputs
    assert "keep" not in run(5).outputs, "the words are the same, the things are not"
    assert "typed plan counts" in run(5, typed).outputs["review"]["said"][0]
    other = run(9, typed)
    assert "keep" not in other.outputs
    assert "does not count any more" in other.outputs["review"]["said"][0]
    run(9)
    assert "typed plan counts" in run(9, typed).outputs["review"]["said"][0], "taken away and typed anew"


def test_approval_is_the_next_run_of_the_same_plan_and_another_plan_in_between_takes_it_away(comfy, shelf):
    def goes_on(change):
        return "keep" in comfy.check(held(shelf, change, seed=24)).outputs

    assert not goes_on("colour blue")
    assert not goes_on("colour green")
    assert not goes_on("colour blue"), "the last that was seen is green"
    assert goes_on("colour blue")
    assert not goes_on("colour green")
    assert not goes_on("colour blue"), "what was let through before green came is asked about again"


def test_a_plan_that_another_page_has_seen_is_not_approved_on_this_one(server, comfy, shelf):
    other = Client(comfy.base, "another page")
    assert "keep" not in comfy.check(held(shelf, "colour red", seed=25)).outputs
    assert "keep" not in other.check(held(shelf, "colour red", seed=25)).outputs
    assert "keep" in other.check(held(shelf, "colour red", seed=25)).outputs
    assert "keep" in comfy.check(held(shelf, "colour red", seed=25)).outputs


def test_a_run_that_was_queued_before_the_stop_is_no_answer_to_it(comfy, shelf):
    prompt = held(shelf, "colour dark green", seed=26)
    prompt["slow"] = node("CIELRTest_Wait", value=["scene", 0], seconds=1.0)
    prompt["review"]["inputs"]["scene"] = ["slow", 0]
    first, second = (comfy.post("/prompt", {"prompt": prompt, "client_id": comfy.name})["prompt_id"] for _ in range(2))
    until = time.monotonic() + 60
    while second not in comfy.get_json("/history") and time.monotonic() < until:
        time.sleep(0.1)
    runs = comfy.get_json("/history")
    for name in (first, second):
        assert "keep" not in runs[name]["outputs"], "nobody could have read it"
    assert "keep" in comfy.check(prompt).outputs
