"""How well names are joined, on labelled pairs: none wrongly, and most that should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from extraction import Catalogue
from scripts.evaluation.pairs import InvalidPairs, are_one, read_pairs, tally

DATA = Path(__file__).resolve().parents[1] / "data" / "entity_pairs.tsv"


@pytest.fixture(scope="module")
def joined():
    return {pair: are_one(pair) for pair in read_pairs(DATA)}


def test_there_are_pairs_of_all_labels_that_are_one_and_that_are_not(joined):
    told = {(pair.label, pair.same) for pair in joined}
    labels = Catalogue().labels - {"User"}
    assert {(label, same) for label in labels for same in (True, False)} <= told
    assert len(joined) >= 250
    assert abs(sum(pair.use == "measuring" for pair in joined) - len(joined) / 2) < 2


@pytest.mark.parametrize(("use", "least"), [("choosing", 104), ("measuring", 109)])
def test_no_two_are_taken_for_one_and_most_that_are_one_are_joined(joined, use, least):
    figures = tally({pair: one for pair, one in joined.items() if pair.use == use})
    assert figures.joined == figures.right
    assert figures.right >= least


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\tb\n", "the columns must be label, first, second, verdict, use"),
        ("label\tfirst\tsecond\tverdict\tuse\nPlace\tA\tB\tmaybe\tchoosing\n", ":2: give label"),
        ("label\tfirst\tsecond\tverdict\tuse\n# a comment\nPlace\tA\n", ":3: give label"),
    ],
)
def test_a_file_of_pairs_with_something_else_in_it_is_refused_with_its_line(tmp_path, text, message):
    path = tmp_path / "pairs.tsv"
    path.write_text(text)
    with pytest.raises(InvalidPairs, match=message):
        read_pairs(path)
