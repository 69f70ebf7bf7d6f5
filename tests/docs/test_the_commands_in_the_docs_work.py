"""Every command on these pages is typed in as it stands there, on a platform as it is started."""

from pathlib import Path

import pytest
from pages import blocks, unmarked
from reader import Reader

PROJECT = Path(__file__).parents[2]
# Those who operate let consumers read anew, which nobody else needs to wait for.
LAST = "operate-consumers"
PAGES = sorted(
    [
        PROJECT / "README.md",
        *PROJECT.glob("docs/tutorial/*.md"),
        *PROJECT.glob("docs/how-to/*.md"),
    ],
    key=lambda page: page.stem == LAST,
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_says_what_it_is(page):
    assert unmarked(page.read_text()) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_refusal_is_not_overlooked(page):
    for block in blocks(page.read_text()):
        asked = "curl" in block.commands and not block.is_endless
        assert not asked or "--fail-with-body" in block.commands, block.commands


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_does_what_it_says(page, platform, folder, tmp_path):
    reader = Reader(folder, tmp_path, platform.addresses)
    try:
        for block in blocks(page.read_text()):
            outcome = reader.follow(block)
            where = f"{page.relative_to(PROJECT)}:{block.line}\n{block.commands}"
            assert outcome.status == 0, f"{where}\n{outcome}"
            assert outcome.is_as_shown(block), f"{where}\nshows\n{block.prints[1]}\n{outcome}"
            platform.take_a_breath()
    finally:
        reader.leave()
