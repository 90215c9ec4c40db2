"""The sizes, names and comments that the house keeps to."""

import ast
import io
import tokenize

import pytest

from tests.test_imports import MODULES, TREES

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
DEEPEST = 3
LONGEST_STATEMENT = 15
"""Expressions of the longest statement among nineteen of twenty."""
FEWEST_REASONS = 20
"""Lines of comments that say why, in a thousand lines."""
EMPTY_WORDS = ("manager", "handler", "helper", "utils")
BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)


def functions(name):
    return [
        node for node in ast.walk(TREES[name]) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def code_lines(function):
    """Lines of a function without its docstring."""
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    return (
        function.end_lineno - function.lineno + 1 - (first.end_lineno - first.lineno + 1 if documented else 0)
    )


def depth(node):
    """How deep blocks stand in each other; an elif is no deeper than its if."""
    deepest = 0
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.FunctionDef | ast.ClassDef):
                continue
            is_elif = isinstance(node, ast.If) and field == "orelse" and isinstance(child, ast.If)
            deepest = max(deepest, depth(child) + (isinstance(child, BLOCKS) and not is_elif))
    return deepest


@pytest.mark.parametrize("name", MODULES)
def test_files_and_functions_are_short(name):
    """No file is longer than 400 lines, and no function than 60 without its docstring."""
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    lengths = {function.name: code_lines(function) for function in functions(name)}
    assert {key: value for key, value in lengths.items() if value > LONGEST_FUNCTION} == {}


def allowed_depth(function):
    """One more for compiled kernels: their loops over samples, rows and columns are spelt out."""
    return DEEPEST + any(ast.unparse(decorator).startswith("kernel") for decorator in function.decorator_list)


@pytest.mark.parametrize("name", MODULES)
def test_functions_are_shallow(name):
    """Blocks stand at most three deep in each other."""
    deep = {
        function.name: depth(function)
        for function in functions(name)
        if depth(function) > allowed_depth(function)
    }
    assert deep == {}


@pytest.mark.parametrize("name", MODULES)
def test_public_names_are_documented(name):
    """A module, and each public function and class in it, says what it is."""
    tree = TREES[name]
    assert ast.get_docstring(tree)
    things = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert [
        node.name for node in things if not node.name.startswith("_") and not ast.get_docstring(node)
    ] == []


@pytest.mark.parametrize("name", MODULES)
def test_names_say_something(name):
    """No name hides behind a word that would fit anything."""
    tree = TREES[name]
    given = [
        name,
        *(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)),
    ]
    assert [word for word in given if any(empty in word.lower() for empty in EMPTY_WORDS)] == []


def expressions(node):
    """Expressions of a statement, those of statements inside it left out."""
    found = 0
    for _, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.stmt):
                found += isinstance(child, ast.expr) + expressions(child)
    return found


def test_statements_are_short():
    """Nineteen statements of twenty have no more than fifteen expressions."""
    definitions = (ast.FunctionDef, ast.ClassDef)
    sizes = sorted(
        expressions(node)
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and not isinstance(node, definitions)
    )
    assert sizes[int(0.95 * len(sizes))] <= LONGEST_STATEMENT


def says_why(comment):
    """Whether a comment is for readers: neither a mark for a tool nor a ruler between sections."""
    return not any(mark in comment for mark in ("noqa", "fmt:", "type:", "pragma", "---"))


def comments(source):
    """Its comments, a line each."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def test_comments_say_why():
    """Of a thousand lines at least twenty say why the code beside them is as it is."""
    sources = [path.read_text(encoding="utf-8") for path in MODULES.values()]
    lines = sum(len(source.splitlines()) for source in sources)
    reasons = [comment for source in sources for comment in comments(source) if says_why(comment)]
    assert 1000 * len(reasons) >= FEWEST_REASONS * lines


@pytest.mark.parametrize("name", MODULES)
def test_no_text_is_cut_by_a_truth(name):
    """Neither a slice nor a repetition is by a comparison: what is meant has a name."""
    truths = (ast.Compare, ast.BoolOp)
    slices = [
        node.lineno
        for node in ast.walk(TREES[name])
        if isinstance(node, ast.Slice)
        for bound in (node.lower, node.upper)
        if isinstance(bound, truths) or (isinstance(bound, ast.UnaryOp) and isinstance(bound.op, ast.Not))
    ]
    repeated = [
        node.lineno
        for node in ast.walk(TREES[name])
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)
        and isinstance(node.left, ast.Constant) and isinstance(node.left.value, str) and isinstance(node.right, truths)
    ]  # fmt: skip
    assert slices + repeated == []


@pytest.mark.parametrize("name", MODULES)
def test_no_text_is_made_inside_another(name):
    """An f-string in the braces of another is given a name first."""
    nested = [
        node.lineno
        for node in ast.walk(TREES[name])
        if isinstance(node, ast.JoinedStr)
        for value in node.values
        if isinstance(value, ast.FormattedValue)
        and any(isinstance(inner, ast.JoinedStr) for inner in ast.walk(value.value))
    ]
    assert nested == []
