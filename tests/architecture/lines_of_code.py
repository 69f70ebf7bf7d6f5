"""How long code is to somebody who reads it."""

import ast
import io
import tokenize
from pathlib import Path

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
SILENT = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}


def lines_of_code(folder: Path) -> int:
    """The lines in a folder that are neither blank, nor comment, nor docstring."""
    return sum(len(_lines(source.read_text())) for source in folder.rglob("*.py"))


def _lines(source: str) -> set[int]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    code = (token for token in tokens if token.type not in SILENT)
    lines = {line for token in code for line in range(token.start[0], token.end[0] + 1)}
    return lines - _docstrings(ast.parse(source))


def _docstrings(tree: ast.Module) -> set[int]:
    documented = (node for node in ast.walk(tree) if isinstance(node, DOCUMENTED))
    first = [node.body[0] for node in documented if ast.get_docstring(node) is not None]
    return {line for node in first for line in range(node.lineno, (node.end_lineno or 0) + 1)}
