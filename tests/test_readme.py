"""The README says what is there."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def plain(value):
    """A description without its sources, so that both ways of writing a value compare alike."""
    if isinstance(value, dict):
        return (
            plain(value["value"]) if "value" in value else {key: plain(each) for key, each in value.items()}
        )
    return value


def excerpt(part, whole):
    """Whether every value of one description stands in the other."""
    if not isinstance(part, dict):
        return part == whole
    return all(key in whole and excerpt(value, whole[key]) for key, value in part.items())


def test_description_is_an_excerpt_of_the_shipped_one():
    """The chip in the README is the one that ships."""
    (text,) = blocks("yaml")
    shown = yaml.safe_load(text)
    whole = yaml.safe_load((ROOT / "architectures" / f"{shown['name']}.yaml").read_text(encoding="utf-8"))
    assert excerpt(plain(shown), plain(whole))


def test_lines_of_python_run(capsys):
    """The lines of Python train a chip, on shipped digits and on arrays, and print how well it did."""
    exec("".join(blocks("python")), {})
    digits, own = map(float, capsys.readouterr().out.split())
    assert digits > 80
    assert own > 80


def test_make_targets_exist():
    """The first screen's commands are targets of the Makefile."""
    targets = re.findall(r"^make (\w+)", "".join(blocks("sh")), flags=re.MULTILINE)
    assert targets == ["demo", "test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, flags=re.MULTILINE) for target in targets)


def test_shipped_descriptions_are_listed():
    """Each chip and workload that ships stands in the README, and none that does not."""
    listed = set(
        re.findall(r"`([a-z0-9-]+)`", "".join(re.findall(r"^\| `.*?\|", README, flags=re.MULTILINE)))
    )
    folders = ("architectures", "workloads")
    assert {path.stem for folder in folders for path in (ROOT / folder).glob("*.yaml")} == listed


def test_commands_are_listed():
    """The table of commands is the commands that there are."""
    main = pytest.importorskip("chipsim.cli").main
    assert set(re.findall(r"`chipsim (\w+)", README)) == set(main.commands)


def test_linked_files_exist():
    """Every file that the README links to is there."""
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []
