import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
PAGES = [
    *PROJECT.glob("*.md"),
    *PROJECT.glob("docs/**/*.md"),
    *PROJECT.glob("services/*/README.md"),
    *PROJECT.glob("shared/*/README.md"),
    *PROJECT.glob("deploy/*/README.md"),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_leads_to_a_file(page):
    linked = LINK.findall(page.read_text())
    assert [one for one in linked if not (page.parent / one).exists()] == []
