import pytest
from pages import blocks, unmarked
from printed import holds, is_shown

PAGE = """
Save as `a.csv`:

```csv a.csv
x
```

```sh
get "$t" \\
  "$url"
```

```json
{"a": 1}
```

<!-- not run: it takes all day -->

```sh
sleep 86400
```

<!-- until Ctrl-C -->

```sh
tail -f a.csv
```

It shows more:

```text
x
```
"""


def test_a_page_is_read():
    asked, endless = blocks(PAGE)
    assert asked.files == (("a.csv", "x\n"),)
    assert asked.prints == ("json", '{"a": 1}\n')
    assert (asked.only_asks, asked.is_endless) == (True, False)
    assert (endless.only_asks, endless.is_endless, endless.prints) == (False, True, None)


@pytest.mark.parametrize(
    ("command", "only_asks"),
    [
        ("curl -sS --fail-with-body http://a/metrics | grep lag", True),
        ("curl -sS --fail-with-body http://a/people --data-binary @people.csv", False),
        ("curl -sS --fail-with-body -X DELETE http://a/people/1", False),
        ("post http://a/people", False),
    ],
)
def test_what_only_asks_is_asked_again(command, only_asks):
    (block,) = blocks(f"```sh\n{command}\n```\n")
    assert block.only_asks is only_asks


@pytest.mark.parametrize("page", ["```\nrm -r /\n```\n", "\n    rm -r /\n"])
def test_a_block_without_a_language_is_seen(page):
    assert unmarked(page) != []
    assert blocks(page) == []


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": "IN…7"}, {"a": "INC0007"}),
        ({"a": "…"}, {"a": None}),
        (["…", {"a": 2}], [{"a": 1}, {"a": 2, "b": 0}]),
        (["…", 2, "…", 4, "…"], [1, 2, 3, 4]),
        ([], []),
    ],
)
def test_json_is_compared_by_what_is_shown(shown, printed):
    assert holds(shown, printed)


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": True}),
        ({"a": "IN…7"}, {"a": "INC0008"}),
        (["…", 2], [2, 3]),
        ([1], [1, 2]),
        ([], [1]),
    ],
)
def test_json_that_differs_is_seen(shown, printed):
    assert not holds(shown, printed)


def test_text_is_compared_word_by_word():
    assert is_shown("due in … s\n", "due  in 4.2 s", "text")
    assert not is_shown("due in … s\n", "late by 4.2 s", "text")


def test_each_document_is_compared():
    assert is_shown('{"a": 1}\n{"a": 2}', '{"a": 1, "b": 0} {"a": 2}', "json")
    assert not is_shown('{"a": 1}', '{"a": 1} {"a": 2}', "json")
    assert not is_shown('{"a": 1}', "curl: (7) refused", "json")
