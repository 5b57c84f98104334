"""What the server says of a prompt that is refused or fails, as one sentence with the node's title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.text import plain
from ..errors import ComfyError
from .results import Result
from .server import Server
from .workflow import Workflow

LONGEST = 400
"""Characters of what the server says; some exceptions hold whole tensors."""
INTERRUPTED = "interrupted"
ASKS = "ClarificationNeeded"
"""What the node would raise outside ComfyUI, where it stops the run without an error."""


def refusal(workflow: Workflow, server: Server, answer: Any) -> ComfyError:
    """The error for an answer of POST /prompt that lists what does not validate."""
    answer = answer if isinstance(answer, Mapping) else {}
    errors = answer.get("node_errors")
    clauses, node = [], ""
    for name, entry in errors.items() if isinstance(errors, Mapping) else ():
        title = workflow.title(str(name))
        for error in entry.get("errors") or () if isinstance(entry, Mapping) else ():
            clauses.append(f"'{title}': {_validation(error, server)}")
            node = node or title
    if not clauses:
        error = answer.get("error")
        clauses = [_said(error.get("message"), error.get("details"), server) if isinstance(error, Mapping) else ""]
        clauses = [clause or "it gave no reason" for clause in clauses]
    return ComfyError(f"{server.url} does not accept {workflow.name}: {'; '.join(clauses)}.", tuple(clauses), node=node)


def _validation(error: Any, server: Server) -> str:
    error = error if isinstance(error, Mapping) else {}
    info = error.get("extra_info")
    name = str(info.get("input_name") or "") if isinstance(info, Mapping) else ""
    said = _said(error.get("message"), error.get("details"), server)
    return f"{plain(name)}: {said}" if name and name not in said else said


def _said(message: Any, details: Any, server: Server) -> str:
    texts = [server.scrub(str(text))[:LONGEST].rstrip(" .") for text in (message, details) if text]
    if len(texts) == 2 and texts[1] in texts[0]:
        texts.pop()
    return f"{texts[0]} ({texts[1]})" if len(texts) == 2 else "".join(texts)


def failure(workflow: Workflow, server: Server, entry: Mapping[str, Any]) -> ComfyError | None:
    """The error that a history's entry tells of, or None for a run that went well."""
    status = entry.get("status")
    status = status if isinstance(status, Mapping) else {}
    for message in reversed(status.get("messages") or []):
        if not isinstance(message, (list, tuple)) or len(message) != 2 or not isinstance(message[1], Mapping):
            continue
        kind, data = message
        if kind == "execution_error":
            return _execution_error(workflow, server, data)
        if kind == "execution_interrupted":
            title = workflow.title(str(data.get("node_id", "")))
            where = f"on {server.url}, at '{title}'"
            return ComfyError(f"The run of {workflow.name} was interrupted {where}.", node=title, kind=INTERRUPTED)
        if kind == "execution_success":
            return None
    if status.get("status_str") == "error":
        return ComfyError(f"{workflow.name} failed on {server.url}, which gives no reason; its log may.")
    return None


def question(workflow: Workflow, server: Server, entry: Mapping[str, Any]) -> ComfyError | None:
    """The error for a run that stopped at a question of a node of ours, of the kind `ASKS`; None where none did."""
    shown = entry.get("outputs")
    for node, values in shown.items() if isinstance(shown, Mapping) else ():
        shows = values.get("question") if isinstance(values, Mapping) else None
        first = shows[0] if isinstance(shows, (list, tuple)) and shows else None
        kind = str(workflow.prompt.get(str(node), {}).get("class_type", ""))
        if not kind.startswith("CIELR_") or not isinstance(first, Mapping):
            continue
        asked, *choices = (server.scrub(str(text)) for text in (first.get("text", ""), *(first.get("choices") or ())))
        said = (asked + (f" ({' / '.join(choices)})" if choices else ""))[:LONGEST].rstrip()
        title = workflow.title(str(node))
        end = "" if said.endswith((".", "…", "!", "?")) else "."
        return ComfyError(f"'{title}' on {server.url} asks: {said}{end}", (asked, *choices), node=title, kind=ASKS)
    return None


def _execution_error(workflow: Workflow, server: Server, data: Mapping[str, Any]) -> ComfyError:
    title = workflow.title(str(data.get("node_id", "")))
    kind = str(data.get("exception_type", "")).rpartition(".")[2]
    said = server.scrub(str(data.get("exception_message", "")))
    said = f"{said[:LONGEST].rstrip()} …" if len(said) > LONGEST else said.rstrip(" .")
    said = said or f"it raised {plain(kind) or 'an error'} without a message"
    end = "" if said.endswith(("…", "!", "?")) else "."
    return ComfyError(f"'{title}' failed on {server.url}: {said}{end}", (said,), node=title, kind=kind)


def no_output(result: Result) -> ComfyError:
    """The error for a run that came to its end and saved no file."""
    if result.blocked:
        return ComfyError(f"{result.name} ended without a file, because a node held it up: {result.blocked}")
    # a node of ours that stops a run for somebody to look says so, in these words
    said = next((text for text in result.texts if text.text.startswith("Waiting:")), None)
    if said is not None:
        return ComfyError(f"{result.name} stopped at '{said.title}': {said.text}", node=said.title)
    if result.left:
        return ComfyError(f"{result.name} saves no file, it only shows previews; --previews fetches those.")
    return ComfyError(f"{result.name} came to its end on {result.server}, but saved no file: it has no SaveImage node.")
