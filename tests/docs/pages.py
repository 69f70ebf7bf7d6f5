"""The commands on a page of the docs, with what the page says they print.

A block of `sh` is run. A block of another language that stands directly behind it is what it
prints: of JSON at least these members, of text these lines; “…” is anything. A block with a name
behind its language (`csv people.csv`) is a file that the reader makes.

Comments before a block of `sh`, which a reader does not see:

<!-- not run: WHY -->    it is for readers only
<!-- until Ctrl-C -->    it runs until it is interrupted, which is done when it has printed this
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

NOT_RUN = re.compile(r"<!-- not run: \S.* -->")
ENDLESS = "<!-- until Ctrl-C -->"
# Whoever is faster than the system asks the same again. What changes something is told once.
ASKING = re.compile(r"get |curl (?!.*(-X|--request|-d|--data|--json|-F|-T)\b)")
COMMAND = "sh"
CODE = {"fence", "code_block"}
NOTHING = Token("", "", 0)


@dataclass(frozen=True)
class Block:
    """A block of commands.

    Args:
        line: of the page, on which it begins.
        prints: what the page says it prints, and in which language; nothing if it does not say.
        files: that the page has the reader make before.
    """

    line: int
    commands: str
    prints: tuple[str, str] | None
    files: tuple[tuple[str, str], ...]
    is_endless: bool

    @property
    def only_asks(self) -> bool:
        """Whether it changes nothing."""
        logical = self.commands.replace("\\\n", " ").strip().splitlines()
        return all(ASKING.match(line) for line in logical)


def blocks(page: str) -> Sequence[Block]:
    """The blocks of a page that are to be run, in order."""
    return list(_blocks(MarkdownIt().parse(page)))


def unmarked(page: str) -> Sequence[int]:
    """The lines of blocks that name no language, so that nobody knows whether they are commands."""
    return [_line(one) for one in MarkdownIt().parse(page) if one.type in CODE and not one.info]


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    files: list[tuple[str, str]] = []
    neighbours = zip([NOTHING, *tokens[:-1]], tokens, [*tokens[1:], NOTHING], strict=True)
    for before, token, after in neighbours:
        if token.type != "fence":
            continue
        language, *names = token.info.split() or [""]
        if names:
            files.append((names[0], token.content))
        elif language == COMMAND and not NOT_RUN.match(before.content):
            prints = (after.info, after.content) if _is_printed(after) else None
            endless = before.content.strip() == ENDLESS
            yield Block(_line(token), token.content, prints, tuple(files), endless)
            files = []


def _is_printed(token: Token) -> bool:
    return token.type == "fence" and len(token.info.split()) == 1 and token.info != COMMAND


def _line(token: Token) -> int:
    return (token.map or [0])[0] + 1
