"""Every number says where it comes from: the closest claim holds."""

from __future__ import annotations

import pytest

from chipsim.spec.nodes import from_plain
from chipsim.spec.provenance import Value, take_out


def taken(document):
    """The plain data left, the values, and the problems as text."""
    stripped, values, problems = take_out(from_plain(document))
    return stripped.plain(), values, [str(problem) for problem in problems]


def claims(document):
    """Path, kind and text of each value."""
    return [(value.path, value.kind, value.text) for value in taken(document)[1]]


def test_a_value_with_a_source_becomes_the_value():
    """The wrapper goes, the value and its source stay."""
    plain, values, problems = taken({"states": {"value": 50, "source": "a paper,\n  table 1"}})
    assert (plain, problems) == ({"states": 50}, [])
    assert values == (Value(path="states", value="50", kind="source", text="a paper, table 1"),)


def test_the_closest_claim_holds():
    """A section's source covers all below it that has none of its own, at any depth."""
    document = {
        "source": "outer",
        "one": 1,
        "inner": {
            "assumed": "a guess",
            "two": 2,
            "three": {"value": 3, "source": "own"},
            "deep": {"four": 4},
        },
        "rows": [{"bits": 1}, {"bits": 2, "source": "its own"}],
    }
    assert claims(document) == [
        ("one", "source", "outer"),
        ("inner.two", "assumed", "a guess"),
        ("inner.three", "source", "own"),
        ("inner.deep.four", "assumed", "a guess"),
        ("rows.0.bits", "source", "outer"),
        ("rows.1.bits", "source", "its own"),
    ]


def test_a_wrapped_table_covers_its_rows():
    """A list in a wrapper passes its source on to each row."""
    assert claims({"adc": {"value": [{"bits": 4}, {"bits": 5}], "source": "a survey"}}) == [
        ("adc[bits=4].bits", "source", "a survey"),
        ("adc[bits=5].bits", "source", "a survey"),
    ]


def test_a_list_of_numbers_is_one_value():
    """Layer sizes have one source together, and values are written as in a description."""
    _, values, _ = taken({"layers": {"value": [784, 10], "source": "s"}, "bias": True, "endurance": None})
    assert [(value.path, value.value, value.kind) for value in values] == [
        ("layers", "[784, 10]", "source"),
        ("bias", "true", "none"),
        ("endurance", "null", "none"),
    ]


def test_names_need_no_source():
    """What names or explains something is no number; when it was set, it is listed all the same."""
    assert claims({"name": "x", "about": "y", "kind": "bus", "costs": "isaac-32nm"}) == []
    assert claims({"costs": {"value": "isaac-32nm", "set": "--set costs=isaac-32nm"}}) == [
        ("costs", "set", "--set costs=isaac-32nm")
    ]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"a": {"value": 1, "source": ""}}, "a.source: is empty; say where the value comes from"),
        ({"a": {"value": 1, "source": "  "}}, "a.source: is empty; say where the value comes from"),
        ({"a": {"value": 1, "assumed": None}}, "a.assumed: is empty; give the reason for assuming it"),
        ({"a": {"value": 1, "assumed": True}}, "a.assumed: must be text, not true; give the reason for assuming it"),
        ({"a": {"value": 1, "source": 2021}}, "a.source: must be text, not 2021; say where the value comes from"),
        ({"a": {"value": 1, "source": "s", "assumed": "w"}},
         "a: has 'source' and 'assumed' at once; a value has one or the other"),
        ({"a": {"source": "s", "assumed": "w", "b": 1}},
         "a: has 'source' and 'assumed' at once; a value has one or the other"),
        ({"a": {"value": 1}}, "a: needs a 'source' or an 'assumed' beside its 'value'"),
        ({"a": {"value": 1, "sauce": "s"}},
         "a.sauce: unknown key 'sauce' beside 'value'; known: source, assumed, between; did you mean 'source'?"),
        ({"a": {"value": 1, "source": "s", "unit": "nm"}},
         "a.unit: unknown key 'unit' beside 'value'; known: source, assumed, between"),
        ({"a": {"value": 1, "assumed": "w", "range": [1, 2]}},
         "a.range: unknown key 'range' beside 'value'; known: source, assumed, between; did you mean 'between'?"),
    ],
)  # fmt: skip
def test_a_claim_without_substance_is_a_problem(document, message):
    """A source must say where, an assumption must say why, and a value has one of them."""
    assert taken(document)[2] == [message]
