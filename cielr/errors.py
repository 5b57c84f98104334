"""Errors that the engine raises. Each message is a sentence: what happened, on what, and what to do about it."""

from __future__ import annotations

SHOWN_PROBLEMS = 8
"""Of a plan's problems so many are put into the sentence that a person reads."""


class CielrError(Exception):
    """Root of every error that CIELR raises on purpose."""


class ImageError(CielrError):
    """A photo that cannot be read, used or written."""


class SceneError(CielrError):
    """A scene that contradicts itself, or an object id that it does not hold."""


class PlanError(CielrError):
    """A plan that does not fit its scene; `problems` lists every misfit, one sentence each, the message a few."""

    def __init__(self, problems: str | list[str] | tuple[str, ...]):
        self.problems: tuple[str, ...] = (problems,) if isinstance(problems, str) else tuple(problems)
        more = len(self.problems) - SHOWN_PROBLEMS
        shown = [*self.problems[:SHOWN_PROBLEMS], *([f"And {more} more problems."] if more > 0 else [])]
        super().__init__(" ".join(shown))


class NotUnderstood(CielrError):
    """An instruction that the built-in reasoner refuses because it would have to guess."""


class NothingMatches(NotUnderstood):
    """An instruction that is understood, about something that the scene does not hold."""


class Ambiguous(NotUnderstood):
    """One thing was meant and several fit; `candidates` are their ids."""

    def __init__(self, message: str, candidates: tuple[str, ...] = ()):
        self.candidates = tuple(candidates)
        super().__init__(message)


class ClarificationNeeded(CielrError):
    """The reasoner asks the user something; `question` and `choices` say what.

    `how` says where it is answered, in a sentence, where that is not the option of a command on this machine; or "".
    """

    def __init__(self, question: str, choices: tuple[str, ...] = (), how: str = ""):
        self.question = question
        self.choices = tuple(choices)
        self.how = how
        super().__init__(question + (f" ({' / '.join(self.choices)})" if self.choices else ""))

    def answered(self, words: str, before: str | None = None) -> str:
        """The user's words with what they answer, for a conversation that begins anew and knows neither.

        Args:
            before: what was asked and answered earlier, in the same form.
        """
        return "\n".join([*([before] if before else []), str(self), words])


class EditError(CielrError):
    """An action that cannot be carried out on this image or with these models."""


class LLMError(CielrError):
    """A language model that cannot be reached or used, or whose answers no plan can be made of.

    `last_answer` is what it said last, or ""; `problems` are what was wrong with that, one sentence each.
    """

    def __init__(self, message: str, last_answer: str = "", problems: tuple[str, ...] = ()):
        self.last_answer = last_answer
        self.problems = tuple(problems)
        super().__init__(message)


class ComfyError(CielrError):
    """A run on a ComfyUI server that cannot be started or did not end well.

    `problems` are all reasons, one clause each; `node` is the title of the node that it is about, or ""; `kind` is the
    name of the exception that the node raised, or "". For "ClarificationNeeded", `problems` are the question and the
    choices.
    """

    def __init__(self, message: str, problems: tuple[str, ...] = (), node: str = "", kind: str = ""):
        self.problems = tuple(problems)
        self.node = node
        self.kind = kind
        super().__init__(message)


class MissingDependency(CielrError):
    """An optional package that is not installed; `extra` is the extra of this project that names it.

    The message names the package itself: that works in ComfyUI's Python, where this project is a folder, as well.
    """

    def __init__(self, package: str, extra: str, *others: str):
        self.package = package
        self.extra = extra
        what = f"The package '{package}' is not installed; `pip install {package}` brings it."
        if others:
            names = (package, *others)
            listed = f"{', '.join(map(repr, names[:-1]))} and {names[-1]!r}"
            what = f"The packages {listed} are not installed; `pip install {' '.join(names)}` brings them."
        super().__init__(what)


class Cancelled(CielrError):
    """The user stopped the work; nothing was written."""
