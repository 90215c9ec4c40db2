"""Random changes to bytes, to text and to trees of plain data; the same seed makes the same change.

Nothing here knows what is changed: descriptions, data files and saved results take the same mutations.
"""

from __future__ import annotations

import copy
import random
import re

__all__ = ["HOSTILE", "generator", "mutated_bytes", "mutated_text", "mutated_tree"]

HOSTILE = (
    None, True, False, 0, -1, 1, 2, 0.5, -0.0, 1e308, -1e308, 5e-324, 1e-30, 10**18, 2**31, 2**63, 10**30,
    float("nan"), float("inf"), float("-inf"), "", " ", "0", "nan", "inf", "null", "auto", "~", "-", "1e999",
    "nan V", "inf s", "-1 ns", "0 ns", "1 ns", "9e6 s", "1e30 V", "1e55 S", "1 EV", "1 ns ns", "10 %", "500 %",
    "1e-30 S", "1 um2", "1 nm2", "64 bit", "1 GiB", "8 EiB", "1 Hz", "x" * 5_000, "9" * 5_000, "1 " * 200,
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "name\nwith\nlines", "\u202eabc", "\ud7ff", "a\tb", "../../etc",
    "/dev/zero", "~nobody/x", "mnist-5k", "hybrid", "links", "mesh", "digital", "ideal", "maximum",
    [], {}, [[]], [{}], {"value": 1}, {"value": {"value": 1}}, {"kind": "mesh"}, {"kind": "hybrid"}, {"": ""},
    {"value": 1, "source": "x", "assumed": "y"}, [1, 2, 3], [10**6] * 3, ["a"] * 50, [["a", "b"], ["b", "a"]],
)  # fmt: skip
"""Values that stand where others belong."""

_TOKENS = re.compile(rb"[A-Za-z_][\w-]*|[0-9.eE+-]+|\s+|.", re.DOTALL)
_PIECES = (
    b"0", b"-1", b"1e308", b"1e999", b".nan", b".inf", b"null", b"true", b"[", b"]", b"{", b"}", b"&a ", b"*a",
    b"!!python/object:os.system", b"!!binary ", b"<<: *a", b"? ", b"- ", b": ", b"|\n", b">\n", b"---\n", b"...\n",
    b"%YAML 9.9\n", b"\t", b"\x00", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"'", b'"', b"#", b"\r", b"\x85", b"\n",
    b"value: ", b"source: ", b"assumed: ", b"kind: ", b"9" * 4_301, b"[" * 60, b"{a: " * 60, b"\x1b[2J",
)  # fmt: skip


def generator(*names):
    """The source of chance of one case; the same for the same names, on every machine."""
    return random.Random("/".join(map(str, names)))


def mutated_bytes(content, chance, *, times=None):
    """Bytes with bits flipped, and pieces cut, doubled, moved, overwritten or put in."""
    content = bytearray(content)
    for _ in range(times or chance.choice((1, 1, 1, 2, 5, 20))):
        start = chance.randrange(len(content) + 1)
        length = chance.choice((1, 1, 2, 4, 8, 64, 1_000))
        piece = content[start : start + length]
        change = chance.randrange(8)
        if change == 0 and piece:
            content[start] ^= 1 << chance.randrange(8)
        elif change == 1 and piece:
            content[start : start + len(piece)] = chance.randbytes(len(piece))
        elif change == 2:
            del content[start : start + length]
        elif change == 3:
            content[start:start] = piece * chance.choice((1, 1, 3, 50))
        elif change == 4:
            content[start:start] = chance.randbytes(length)
        elif change == 5:
            del content[start:]
        elif change == 6:
            content[start : start + len(piece)] = bytes([chance.choice((0, 255))]) * len(piece)
        else:
            there = chance.randrange(len(content) + 1)
            content[there : there + len(piece)] = piece
    return bytes(content)


def mutated_text(content, chance, *, times=None):
    """The bytes of a text with words, numbers and signs replaced, left out, doubled or exchanged."""
    tokens = _TOKENS.findall(content)
    for _ in range(times or chance.choice((1, 1, 1, 2, 4))):
        if not tokens:
            break
        place, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        change = chance.randrange(6)
        if change == 0:
            tokens[place] = chance.choice(_PIECES)
        elif change == 1:
            del tokens[place]
        elif change == 2:
            tokens.insert(place, chance.choice(_PIECES))
        elif change == 3:
            tokens[place], tokens[other] = tokens[other], tokens[place]
        elif change == 4:
            tokens[place] = tokens[other]
        else:
            tokens[place:place] = tokens[place : place + chance.choice((1, 5, 40))]
    return b"".join(tokens)


def mutated_tree(tree, chance, *, times=None):
    """Plain data with values replaced, keys left out, added, renamed or given to others."""
    tree = copy.deepcopy(tree)
    for _ in range(times or chance.choice((1, 1, 1, 2, 3))):
        places = list(_places(tree))
        if not places:
            break
        holder, key = chance.choice(places)
        other, other_key = chance.choice(places)
        change = chance.randrange(7)
        if change <= 1:
            holder[key] = copy.deepcopy(chance.choice(HOSTILE))
        elif change == 2:
            del holder[key]
        elif change == 3:
            holder[key] = copy.deepcopy(other[other_key])
        elif change == 4 and isinstance(holder, dict):
            holder[chance.choice((f"{key}x", str(key)[1:], "kind", "value", "name", other_key))] = holder.pop(
                key
            )
        elif change == 5 and isinstance(holder, list):
            holder.insert(key, copy.deepcopy(chance.choice(HOSTILE)))
        else:
            holder[key] = _nudged(holder[key], chance)
    return tree


def _places(tree):
    """Each value below the root, as what holds it and its key or position."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        yield tree, key
        yield from _places(value)


def _nudged(value, chance):
    """A value of the same kind that may still be right: these go furthest."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value * chance.choice((0, -1, 2, 10, 1_000, 10**6)) + chance.choice((0, 1, -1))
    if isinstance(value, str):
        number = re.match(r"[-+]?[0-9.]+", value)
        if number is None:
            return value + chance.choice(("x", " ", "\n", "0", "\x1b[0m"))
        factor = chance.choice(("0", "-1", "1e-9", "0.1", "2", "1e3", "1e9", "1e18"))
        return f"{factor}{value[number.end() :]}"
    return [value]
