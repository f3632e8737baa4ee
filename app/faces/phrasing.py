"""The marks between pieces of text, as the reader's language writes them: 「、，；：。（）」 or ", ; : . ( )".

A catalogue cannot carry them: they stand between texts that are translated one by one, or that people typed. In a
template the marks that stand in the open, or alone in quotation marks, are read so by themselves (:class:`OpenMarks`);
Python joins with the functions here. Papers are Chinese (``app.faces.edge.PAPER``), so their marks stay Chinese too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from flask_babel import get_locale
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

_WESTERN = {
    "、": ", ", "，": ", ", "；": "; ", "：": ": ", "。": ". ", "！": "! ", "？": "? ", "（": " (", "）": ")",
    "「": "“", "」": "”", "《": "“", "》": "”", "\u3000": "\u2003",
}  # fmt: skip
_RUN = re.compile(f"([{''.join(_WESTERN)}]+)")
#: What a template calls for marks that stand in the open.
_NAME = "reader_marks"


def marks(run: str) -> str:
    """``run``, Chinese marks in a text of our own, in the reader's language; anything but a mark stays as it is."""
    locale = get_locale()
    return run if locale is None or locale.language == "zh" else _western(run)


@cache
def _western(run: str) -> str:
    # A space that a mark brings along is too much before the next mark: 「。）」 is ".)" and 「：（」 is ": (".
    text = run.translate(str.maketrans(_WESTERN))
    return re.sub(r" +(?=[).,;:!?”]| )", "", text)


def listed(parts: Iterable[str]) -> str:
    """Things side by side: 甲、乙、丙."""
    return marks("、").join(parts)


def clauses(parts: Iterable[str]) -> str:
    """Parts of one sentence: 甲，乙."""
    return marks("，").join(parts)


def points(parts: Iterable[str]) -> str:
    """Sentences side by side without their stops: 甲；乙."""
    return marks("；").join(parts)


def sentence(text: str) -> str:
    """``text`` with a stop behind it; in English only where it has none yet."""
    stop = marks("。").rstrip()
    return text if stop == "." and text.endswith(".") else text + stop


def sentences(parts: Iterable[str]) -> str:
    """Pieces that end with a mark, one after the other: close in Chinese, with one space between them in English."""
    if marks("。") == "。":
        return "".join(parts)
    return " ".join(part.strip() for part in parts if part.strip())


def quoted(text: str) -> str:
    """「text」."""
    return f"{marks('「')}{text}{marks('」')}"


def aside(text: str, more: str) -> str:
    """text（more）; ``text`` alone where there is no more."""
    return f"{text}{marks('（')}{more}{marks('）')}" if more else text


def headed(head: str, text: str) -> str:
    """head：text."""
    return f"{head}{marks('：')}{text}"


class OpenMarks(Extension):
    """Reads the Chinese marks of a template's own text in the reader's language, whoever wrote the template.

    Meant are the marks in the open text and the strings that hold nothing but marks, spaces and dots, as in
    ``|join('、')``. What ``_()`` translates and what a method is asked to look for (``rstrip('。')``) stay as written.
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The same tokens, each run of marks turned into a call."""
        behind = ("", "")
        for token in stream:
            if token.type == "data":
                yield from _open(token)
            elif token.type == "string" and _RUN.fullmatch(token.value.strip(" ")) and not _is_kept(behind):
                yield from _call(token.lineno, token.value)
            else:
                yield token
            behind = (behind[1], str(token.value))


def _is_kept(behind: tuple[str, str]) -> bool:
    name, bracket = behind
    return bracket == "(" and name in ("_", "rstrip", "lstrip", "strip", "split", "partition", "replace", "endswith")


def _open(token: Token) -> Iterator[Token]:
    for number, piece in enumerate(_RUN.split(token.value)):
        if number % 2:
            yield Token(token.lineno, "variable_begin", "{{")
            yield from _call(token.lineno, piece)
            yield Token(token.lineno, "variable_end", "}}")
        elif piece:
            yield Token(token.lineno, "data", piece)


def _call(line: int, run: str) -> Iterator[Token]:
    yield Token(line, "name", _NAME)
    yield Token(line, "lparen", "(")
    yield Token(line, "string", run)
    yield Token(line, "rparen", ")")
