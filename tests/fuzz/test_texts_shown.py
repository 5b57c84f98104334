"""Texts of strangers where they are shown: nothing steers a terminal, and nothing gets out of its place on a page."""

import io
from contextlib import redirect_stderr, redirect_stdout
from html.parser import HTMLParser

from fuzz_help import TRIES, generator

from cielr.cli import terminal
from cielr.core.geometry import Box, Mask
from cielr.core.scene import Scene, SceneObject
from cielr.telling.page import page
from cielr.telling.trace import Trace

PIECES = [
    *(
        "\x1b[2J",
        "\x1b]0;a\x07",
        "\x9b31m",
        "\r",
        "\n",
        "\t",
        "\0",
        "\x7f",
        "\u202e",
        "\u2028",
        "\ufeff",
        "\ue000",
        "a",
    ),
    *("<script>", "</script>", "<!--title-->", "--!>", "'", '"', "&lt;", "&#0;", "]]>", "javascript:", "${a}", "{{a}}"),
]


def texts(rng, count):
    return [
        "".join(PIECES[int(k)] for k in rng.integers(0, len(PIECES), int(rng.integers(1, 9)))) for _ in range(count)
    ]


def test_no_text_steers_the_terminal():
    for text in texts(generator(5), 2000 * TRIES):
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            terminal.say(text)
            terminal.line("Seen", text)
            terminal.complain(text)
            terminal.table([("a", text), (text, "b")])
            terminal.print_json({text: text})
            terminal.print_json_text(f'{{"a": "{text}"}}')
        assert all(sign.isprintable() or sign == "\n" for sign in out.getvalue() + err.getvalue()), repr(text)


class Parser(HTMLParser):
    def __init__(self):
        super().__init__()
        self.scripts, self.handlers, self.links = 0, [], []

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.links += [value for name, value in attrs if name in ("src", "href") and not value.startswith("data:")]


def test_no_text_gets_out_of_its_place_on_the_page():
    rng = generator(6)
    for _ in range(40 * TRIES):
        label, caption, instruction, said, kind = texts(rng, 5)
        mask = Mask.from_box(Box(2, 2, 9, 9), 20, 20)
        thing = SceneObject(id="a_1", label=label, box=mask.box, mask=mask, attributes={caption: said})
        seen = Scene(width=20, height=20, objects=(thing,), caption=caption, absent=(said,))
        trace = Trace()
        with trace.step("reason", instruction=instruction) as step:
            step.note(kind, said, value=label)
            step.output(scene=seen)
        parser = Parser()
        parser.feed(page(trace))
        assert (parser.scripts, parser.handlers, parser.links) == (1, [], [])
