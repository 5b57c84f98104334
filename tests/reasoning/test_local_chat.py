"""A language model in a file, run by the real llama.cpp: a tiny one that babbles within the grammar."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("xllamacpp", reason="The package xllamacpp runs language models in files; it is not installed.")

from chat_help import HELLO
from scenes import TABLE
from tiny_gguf import tiny_gguf

from cielr.errors import Cancelled, ClarificationNeeded, LLMError
from cielr.reasoning.chats import llama_runtime
from cielr.reasoning.chats.catalogue import chat_from
from cielr.reasoning.chats.local_models import local_model, local_models
from cielr.reasoning.chats.protocol import AnswerLimits
from cielr.reasoning.loop import reason_with_llm
from cielr.reasoning.options import ReasonOptions
from cielr.reasoning.turn_schema import turn_schema

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = {
    "type": "object",
    "properties": {
        "why": {"type": "string", "maxLength": 20},
        "targets": {"type": "array", "items": {"$ref": "#/$defs/id"}, "minItems": 1, "maxItems": 3},
    },
    "required": ["why", "targets"],
    "additionalProperties": False,
    "$defs": {"id": {"enum": ["cup_1", "cup_2"]}},
}
LONG = [{"role": "system", "content": "Be brief. " * 60}, {"role": "user", "content": "Hello."}]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
def chat(file):
    talk = chat_from(f"local/{file}")
    yield talk
    talk.close()


def port_of(talk) -> int:
    return int(talk._runtime._server.listening_address.rpartition(":")[2])


def listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def test_an_answer_follows_its_schema_and_comes_in_pieces(chat):
    pieces = []
    said = chat.complete(HELLO, SCHEMA, on_token=pieces.append)
    answer = json.loads(said)
    assert set(answer) == {"why", "targets"}
    assert set(answer["targets"]) <= {"cup_1", "cup_2"}
    assert "".join(pieces) == said
    assert len(pieces) > 3
    assert chat.last.answer_tokens > 3
    assert chat.last.mode == "grammar"


def test_what_the_reasoner_asks_for_can_be_held_to(chat):
    said = chat.complete(HELLO, turn_schema(TABLE, ("plan", "question")))
    assert said.startswith('{"check": "')
    assert len(said) > 20


def test_the_same_seed_says_the_same_and_free_text_is_free(file, chat):
    first = chat.complete(HELLO, None)
    assert first
    other = chat_from(f"local/{file}")
    assert other.complete(HELLO, None) == first
    other.close()


def test_a_prompt_that_begins_as_the_last_one_is_read_from_there(chat):
    chat.complete(LONG, SCHEMA)
    assert chat.last.cached_tokens == 0
    chat.complete([LONG[0], {"role": "user", "content": "Good night."}], SCHEMA)
    assert chat.last.cached_tokens > 0.9 * chat.last.prompt_tokens


def test_the_first_token_comes_with_its_probabilities(chat):
    shares = chat.weigh(HELLO).first
    assert 5 <= len(shares) <= 10
    assert 0 < sum(shares.values()) <= 1.0001


def test_a_model_thinks_only_where_it_may(file):
    counts = []
    for think in (False, True):
        talk = chat_from(f"local/{file}", think=think)
        talk.complete(HELLO, SCHEMA)
        counts.append(talk.last.prompt_tokens)
        talk.close()
    assert counts[1] - counts[0] == len("thinking")


def test_an_answer_ends_at_a_token_and_the_next_one_is_whole(chat):
    heard = []

    def hear(piece):
        heard.append(piece)
        time.sleep(0.02)

    with pytest.raises(Cancelled):
        chat.complete(HELLO, None, on_token=hear, cancelled=lambda: len(heard) > 2)
    assert json.loads(chat.complete(HELLO, SCHEMA))


def test_what_a_listener_raises_comes_through(chat):
    class Enough(Exception):
        pass

    def hear(piece):
        raise Enough

    with pytest.raises(Enough):
        chat.complete(HELLO, None, on_token=hear)
    assert json.loads(chat.complete(HELLO, SCHEMA))


def test_how_much_of_a_long_prompt_has_been_read_is_told(chat):
    chat.complete(LONG, SCHEMA)
    read, total = chat.reading
    assert read == total == chat.last.prompt_tokens


def test_a_prompt_over_the_model_s_context_is_refused(tmp_path):
    talk = chat_from(f"local/{tiny_gguf(tmp_path / 'short.gguf', context=512)}")
    for words in ("a longer text than that " * 30, "1 " * 5000):
        with pytest.raises(LLMError, match="longer than the context of 'short'"):
            talk.complete([{"role": "user", "content": words}], None)
    talk.close()


def test_a_prompt_of_more_tokens_than_were_guessed_gets_its_room(chat):
    # the guess counts words, and this model bytes
    words = "incomprehensibilities " * 420
    chat.complete(HELLO, SCHEMA)
    before = chat._runtime.context
    chat.complete([{"role": "user", "content": words}], SCHEMA)
    assert chat.last.prompt_tokens > len(words) > before
    assert chat._runtime.context > before


def test_memory_is_given_back_and_the_next_question_loads_again(chat):
    first = chat.complete(HELLO, SCHEMA)
    port = port_of(chat)
    assert listens(port)
    chat.release()
    assert not chat.is_loaded
    assert not listens(port), "the runtime has ended"
    assert chat.complete(HELLO, SCHEMA) == first


def test_a_model_that_is_to_stay_stays_until_it_is_closed(file):
    talk = chat_from(f"local/{file}", keep_loaded=True)
    talk.complete(LONG, SCHEMA)
    talk.release()
    assert talk.is_loaded
    talk.complete(LONG, SCHEMA)
    assert talk.last.cached_tokens > 0
    talk.close()
    assert not talk.is_loaded


def test_what_is_closed_in_mid_answer_ends(chat):
    done = threading.Event()

    def hear(piece):
        chat.close()
        done.set()

    chat.complete(HELLO, SCHEMA, on_token=hear)
    assert done.is_set()
    assert not chat.is_loaded


def test_the_port_that_the_runtime_opens_answers_nobody(chat):
    import httpx

    chat.complete(HELLO, SCHEMA)
    address = f"http://127.0.0.1:{port_of(chat)}"
    for path in ("/props", "/v1/models", "/slots"):
        assert httpx.get(address + path).status_code == 401
    said = httpx.post(f"{address}/v1/chat/completions", json={"messages": [{"role": "user", "content": "hi"}]})
    assert said.status_code == 401


def test_ctrl_c_is_still_python_s_own(file):
    code = (
        "import os, signal, sys\n"
        "from cielr.reasoning.chats.catalogue import chat_from\n"
        "talk = chat_from(f'local/{sys.argv[1]}')\n"
        "talk.complete([{'role': 'user', 'content': 'hi'}], {'enum': ['a']})\n"
        "try:\n    os.kill(os.getpid(), signal.SIGINT)\n    import time; time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('stopped')\n"
    )
    if not hasattr(signal, "pthread_kill"):
        pytest.skip("Windows has no such signals.")
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.stdout.strip() == "stopped"
    assert done.stderr == "", "and llama.cpp says nothing of its own"


def test_its_size_says_how_it_is_asked_and_it_sees_nothing(chat, file):
    assert chat.billions() == pytest.approx(37_152e-9)
    assert not chat.sees()
    assert chat.name == "local/tiny", "never a path"
    with pytest.raises(LLMError, match="without pictures"):
        chat.complete(HELLO, None, images=[b"\x89PNG"])
    with pytest.raises(LLMError, match="without pictures"):
        chat_from(f"local/{file}", vision=True)


@pytest.mark.parametrize("prompt", ["brief", "full"])
def test_a_model_that_babbles_ends_in_a_sentence_or_a_plan_that_fits(chat, prompt):
    planned = None
    with contextlib.suppress(LLMError, ClarificationNeeded):
        planned = reason_with_llm(
            TABLE, "tidy up what a child would want", chat, options=ReasonOptions(prompt=prompt, max_rounds=1)
        )
    if planned is not None:
        scene, plan = planned
        plan.check(scene)
    assert not chat.is_loaded, "the painter gets the memory"


@pytest.mark.parametrize("turn", range(8))
def test_what_is_closed_while_it_loads_or_as_soon_as_it_is_loaded_ends(file, turn):
    talk = chat_from(f"local/{file}", limits=AnswerLimits(total=0.0, reading=0.0))
    with pytest.raises(LLMError, match="took longer than 0 s"):
        talk.complete(HELLO, None)
    talk.close()
    assert not talk.is_loaded


# ------------------------------------------------------------------------------------------------- names and files


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CIELR_MODELS", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("COMFYUI_PATH", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "LLM"


def test_any_file_in_the_folder_of_models_has_a_name(folder):
    alone = tiny_gguf(folder / "small" / "Small-Q4_K_M.gguf")
    two = [tiny_gguf(folder / "several" / f"{name}.gguf") for name in ("one", "two")]
    loose = tiny_gguf(folder / "loose.gguf")
    first = tiny_gguf(folder / "large-00001-of-00002.gguf")
    tiny_gguf(folder / "large-00002-of-00002.gguf")
    tiny_gguf(folder / "mmproj-loose.gguf")
    (folder / "notes.txt").write_text("no model")
    assert local_models() == {
        "loose": loose,
        "large-00001-of-00002": first,
        "small": alone,
        "one": two[0],
        "two": two[1],
    }
    for name in ("small", "Small-Q4_K_M", "Small-Q4_K_M.gguf", "SMALL"):
        assert local_model(name) == alone
    assert chat_from("local/loose").name == "local/loose"


def test_a_model_that_is_not_there_is_one_sentence_that_says_the_command(folder):
    with pytest.raises(LLMError, match="`cielr llm fetch`") as caught:
        chat_from("local/qwen9")
    assert str(folder) in str(caught.value)
    tiny_gguf(folder / "loose.gguf")
    with pytest.raises(LLMError, match="here are loose"):
        chat_from("local/qwen9")
    with pytest.raises(LLMError, match="There is no file"):
        chat_from(f"local/{folder}/none.gguf")


def test_a_name_is_no_way_out_of_the_folder(folder):
    tiny_gguf(folder.parent / "secret.gguf")
    folder.mkdir()
    with pytest.raises(LLMError, match="There is no language model"):
        chat_from("local/../secret")


def test_what_is_no_language_model_is_refused_before_it_is_loaded(folder):
    cut = folder / "cut.gguf"
    cut.parent.mkdir()
    cut.write_bytes(tiny_gguf(folder / "whole.gguf").read_bytes()[:-5000])
    (folder / "text.gguf").write_text("no model at all")
    tiny_gguf(folder / "painter.gguf", speaks=False)
    for name, said in (
        ("cut", "is cut short"),
        ("text", "is no GGUF file"),
        ("painter", "no language model but 'flux'"),
    ):
        with pytest.raises(LLMError, match=said):
            chat_from(f"local/{name}")


def test_what_llama_cpp_cannot_load_is_one_sentence(folder):
    file = tiny_gguf(folder / "odd.gguf")
    data = file.read_bytes()
    file.write_bytes(data.replace(b"blk.1.ffn_down", b"blk.1.ffn_dawn"))
    with pytest.raises(LLMError, match=r"cannot load .*odd\.gguf: it is damaged, too large"):
        chat_from("local/odd").complete(HELLO, None)


def test_without_the_package_the_sentence_says_how_it_comes():
    code = (
        "import sys; sys.modules['xllamacpp'] = None\n"
        "from cielr.errors import CielrError\nfrom cielr.reasoning.chats.catalogue import chat_from\n"
        "try:\n    chat_from('local/any')\nexcept CielrError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.stdout.strip() == ("The package 'xllamacpp' is not installed; `pip install xllamacpp` brings it."), (
        done.stderr
    )


def test_a_core_shows_two_threads_and_one_of_them_is_used():
    import os

    assert 1 <= llama_runtime.usual_threads() <= max(1, (os.cpu_count() or 2) // 2)
