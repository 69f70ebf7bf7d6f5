import ast

import pytest
from house import ROOT, product_sources

SAYS_NOTHING = {"base", "common", "helper", "helpers", "misc", "shared", "util", "utils"}
PRODUCT = sorted(product_sources())
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def test_no_module_is_named_after_nothing():
    assert [path for path in (*PRODUCT, *TESTS) if path.stem in SAYS_NOTHING] == []


def test_tests_lie_where_pytest_looks_for_them():
    astray = [
        path
        for path in TESTS
        if not path.name.startswith("test_")
        and any(
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name.startswith("test_")
            for node in ast.parse(path.read_text()).body
        )
    ]
    assert astray == []


def test_no_package_of_tests_shadows_the_product():
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def unexplained(source):
    """The lines that skip a test or expect its failure, and do not say why."""
    tree = ast.parse(source)
    called = {node.func: node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "xfail"}:
            call = called.get(node)
            given = [] if call is None else [keyword.arg for keyword in call.keywords]
            if "reason" not in given:
                yield node.lineno


def test_what_is_skipped_says_why():
    silent = {path: list(unexplained(path.read_text())) for path in TESTS}
    assert {path: lines for path, lines in silent.items() if lines} == {}


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("@pytest.mark.skip\ndef test_it(): ...", [1]),
        ("@pytest.mark.skipif(LATE)\ndef test_it(): ...", [1]),
        ("def test_it():\n    pytest.xfail()", [2]),
        ('@pytest.mark.skip(reason="no clock")\ndef test_it(): ...', []),
    ],
)
def test_a_skip_without_reason_is_seen(source, lines):
    assert list(unexplained(source)) == lines
