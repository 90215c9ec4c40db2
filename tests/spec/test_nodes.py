"""YAML is read without its surprises, and every value knows its line."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipsim.errors import DescriptionError
from chipsim.spec.nodes import from_plain, parse_yaml, shown
from tests.spec.messages import fails


def read(text):
    """Plain data of a text that has no problems."""
    problems = []
    node = parse_yaml(text, problems, file="it.yaml")
    assert problems == []
    return node.plain()


def complaints(text):
    """The problems with single keys and values of a text."""
    problems = []
    parse_yaml(text, problems, file="it.yaml")
    return [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("on", "on"),
        ("yes", "yes"),
        ("True", "True"),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("012", "012"),
        ("0x1f", "0x1f"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2021-06-24", "2021-06-24"),
        ("1e-9", 1e-9),
        ("1.5E3", 1500.0),
        (".5", 0.5),
        ("5.", 5.0),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("10 ns", "10 ns"),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("=", "="),
        ("[1, a, {b: c}]", [1, "a", {"b": "c"}]),
        ("{1: a, true: b}", {"1": "a", "true": "b"}),
        ("a: &x b\nc: *x", {"a": "b", "c": "b"}),
    ],
)
def test_scalars_mean_what_they_say(text, value):
    """Only true and false are booleans, only plain decimal numbers are numbers, all else is text."""
    result = read(text)
    assert result == value
    assert type(result) is type(value)


def test_nan_is_a_number_that_later_checks_refuse():
    """YAML's own spelling of NaN is read as one, so that messages can call it by its name."""
    assert math.isnan(read(".nan"))


@given(
    value=st.recursive(
        st.one_of(st.booleans(), st.none(), st.integers(), st.floats(allow_nan=False), st.text()),
        lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
        max_leaves=8,
    )
)
def test_plain_data_survives_being_a_tree(value):
    """Nodes made from plain data give it back unchanged."""
    assert from_plain(value).plain() == value


def test_lines_are_those_of_the_keys():
    """A value stands on the line of its key, an item on its own."""
    root = parse_yaml("a:\n  b: 1\n  c:\n    - x\n    - y\n", [], file="it.yaml")
    assert [root.at("a").line, root.at("a", "b").line, root.at("a", "c", 1).line] == [1, 2, 5]
    assert root.at("a", "c", 7).path == ("a", "c")


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("a: 1\na: 2\nb: 3\nb: 4", [
            "it.yaml:2: a: key 'a' is given twice, first on line 1",
            "it.yaml:4: b: key 'b' is given twice, first on line 3",
        ]),
        ("a:\n  ? [x, y]\n  : 1", ["it.yaml:2: a: a key must be a word, not a list or mapping"]),
        ("a: !!python/object:os.system 1", [
            "it.yaml:1: a: tag 'tag:yaml.org,2002:python/object:os.system' is not used in descriptions"
        ]),
        ("a: !thing {b: 1}", ["it.yaml:1: a: tag '!thing' is not used in descriptions"]),
        ("a: !!int twelve", ["it.yaml:1: a: 'twelve' is not a number that can be read"]),
        (f"a: {'9' * 5000}", [f"it.yaml:1: a: '{'9' * 59}... (5002 characters) is not a number that can be read"]),
        ("a: &x\n  b: *x", ["it.yaml:2: a.b: refers to itself by an alias"]),
    ],
)  # fmt: skip
def test_problems_of_single_values_are_collected(text, messages):
    """What is wrong with one key or value does not hide what is wrong with the others."""
    assert complaints(text) == messages


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: [1, 2\nc: 3", ("it.yaml:3: cannot be read as YAML: expected ',' or ']', but got ':' "
         "while parsing a flow sequence")),
        ("a: 1\n\tb: 2", ("it.yaml:2: cannot be read as YAML: found character '\\t' that cannot start any token "
         "while scanning for the next token")),
        ("a: b: c", "it.yaml:1: cannot be read as YAML: mapping values are not allowed here"),
        ("a: 1\n---\nb: 2", ("it.yaml:2: cannot be read as YAML: but found another document "
         "expected a single document in the stream")),
        ("a: 1\nb: \x00", "it.yaml:2: cannot be read as YAML: character #x0000 is not allowed"),
        ("a: *x", "it.yaml:1: cannot be read as YAML: found undefined alias 'x'"),
        ("[" * 5000, "it.yaml:1: is nested more than 20 deep"),
    ],
)  # fmt: skip
def test_what_is_no_yaml_is_refused_with_its_line(text, message):
    """A syntax error is one clear problem, never a traceback."""
    assert fails(parse_yaml, text, [], file="it.yaml") == message


def test_aliases_cannot_blow_up_a_description():
    """A small file that unfolds to millions of values is refused."""
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert fails(parse_yaml, "\n".join(lines), [], file="it.yaml") == (
        "it.yaml: holds more than 20,000 values, counting those that its aliases repeat"
    )


@given(text=st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    """No text at all makes the reader fail in another way than it says."""
    try:
        problems = []
        parse_yaml(text, problems, file="it.yaml")
    except DescriptionError as error:
        problems = error.problems
    assert all(problem.file == "it.yaml" for problem in problems)


def test_messages_shorten_long_values():
    """A value of many characters does not flood a message."""
    assert shown("x" * 100) == f"'{'x' * 59}... (102 characters)"
    assert shown({}) == "an empty mapping"
