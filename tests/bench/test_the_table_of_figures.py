import pytest
from measure import Duel, Row, missing
from table import BEGIN, END, markdown, place

MET = Row("due time", "5 µs", "≤ 50 µs", met=True)


def test_a_row_below_its_goal_is_shown_plainly():
    table = markdown([MET, Row("start", "20 s", "≤ 15 s", met=False)], "Measured today.")
    assert "| due time | 5 µs |  |  | ≤ 50 µs | yes |" in table
    assert "| start | 20 s |  |  | ≤ 15 s | **no** |" in table


def test_what_could_not_be_measured_says_why():
    table = markdown([missing("relay", "≥ 1 ×", "no Kafka")], "Measured today.")
    assert "| relay | not measured | no Kafka |  | ≥ 1 × | – |" in table


def test_rounds_are_compared_with_each_other_and_their_median_counts():
    duel = Duel(ours=[100, 10, 60], theirs=[200, 20, 100])
    assert duel.ratio == 0.5
    row = duel.row("appends", "/s", "pgbench", goal=0.5)
    assert (row.met, row.ratio) == (True, "0.50 (0.50 to 0.60)")


def test_the_table_takes_the_place_of_the_former_one():
    readme = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    once = place(readme, "new\n")
    assert once == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert place(once, "new\n") == once


def test_a_readme_without_a_place_for_it_is_refused():
    with pytest.raises(ValueError, match="no place for the table"):
        place("nothing here", "new\n")
