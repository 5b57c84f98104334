"""One case for a real small language model: `make llm-smoke`, a part of `.ci/run`.

Whether the wire, the grammar and the prefix cache work with llama.cpp's own server and inside this process; not whether
the model is wise. Where its packages cannot be had it says so and is content.
"""

from __future__ import annotations

import json
import sys
import time

from bench_llm import CACHE, Counting, NotToBeHad, serving

from cielr.errors import ClarificationNeeded
from cielr.evaluation.reason_cases import load_cases
from cielr.reasoning.chats.catalogue import chat_from
from cielr.reasoning.chats.protocol import AnswerLimits, Chat
from cielr.reasoning.loop import reason_with_llm
from cielr.reasoning.options import ReasonOptions

MODEL = "0.5b"
CASE = "function-09"
INSTRUCTIONS = ("remove what gives shade", "remove what one could sail with")
CACHED = 0.8
"""Share of a second instruction's prompts that comes from the cache, at least."""
LIMITS = AnswerLimits(total=120.0)
SCHEMA = {
    "type": "object",
    "properties": {
        "targets": {"type": "array", "items": {"enum": ["cup_1", "cup_2"]}, "minItems": 1, "maxItems": 2},
    },
    "required": ["targets"],
    "additionalProperties": False,
}
ASKED = [{"role": "user", "content": "Which cups are red? cup_1 is red, cup_2 is blue. Write anything but JSON."}]


def main() -> int:
    began = time.monotonic()
    try:
        with serving(MODEL) as url:
            faults = [_faults("its server", chat_from(f"openai/{MODEL}@{url}", limits=LIMITS))]
    except NotToBeHad as error:
        print(f"No smoke test of a real language model: {error}")
        return 0
    try:
        import xllamacpp  # noqa: F401
    except ImportError:
        print("Not tried inside this process: xllamacpp is not installed.")
    else:
        faults.append(_faults("this process", chat_from(f"local/{CACHE / MODEL}.gguf", limits=LIMITS)))
    print(f"The smoke test of a real language model took {time.monotonic() - began:.0f} s.")
    return 1 if any(faults) else 0


def _faults(where: str, chat: Chat) -> list[str]:
    """What does not work there, after a line on what was tried."""
    with Counting(chat) as counting:
        problems = []
        said = counting.complete(ASKED, SCHEMA)
        try:
            targets = json.loads(said)["targets"]
        except (ValueError, KeyError, TypeError):
            targets = []
        if not targets or not set(targets) <= {"cup_1", "cup_2"}:
            problems.append(f"the grammar does not hold: {said[:100]!r}")
        bench = load_cases()
        scene = bench.scene(next(case.scene for case in bench.cases if case.id == CASE))
        shares = []
        for instruction in INSTRUCTIONS:
            prompt, cached = counting.prompt, counting.cached
            try:
                _, plan = reason_with_llm(
                    scene, instruction, counting, options=ReasonOptions(auto=False, prompt="brief")
                )
                plan.check(scene)
            except ClarificationNeeded:
                # small models may ask
                pass
            shares.append((counting.cached - cached) / max(1, counting.prompt - prompt))
        if shares[-1] < CACHED:
            problems.append(f"only {shares[-1]:.0%} of the second instruction's prompts came from the cache")
        words = "; ".join(problems) or f"wire, grammar and prefix cache work ({shares[-1]:.0%} from the cache)"
        print(f"{MODEL} in {where}: {words}; {counting.words}", flush=True)
    return problems


if __name__ == "__main__":
    sys.exit(main())
