"""Carry out the scenario files of a report, and put what they came to into its README.md.

python reports/make.py reports/choi2021 [-j N] [--only NAME] [--runs FOLDER]

Runs are kept in runs/REPORT/STUDY, and what is done is not made again. Where a FILE.py stands beside FILE.yaml, with _ in
the place of -, it makes first what the runs begin with. For every study FILE.yaml of the folder
this writes FILE.csv with all figures, FILE.svg with the first figure of its page, and, between the marks
<!-- study FILE --> and <!-- end FILE --> of the README, its claims, its table, and what to know before believing them.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from chipsim.errors import ChipsimError, OutputError
from chipsim.report.exporting import drawn
from chipsim.report.study_claims import Claimed, claimed
from chipsim.report.study_page import caveats, examples_of, study_figures
from chipsim.report.study_values import value_sentences
from chipsim.result.metrics import MISSING
from chipsim.spec.study_file import read_study
from chipsim.study.gathering import write_csv
from chipsim.study.held import hold_all
from chipsim.study.kept import KeptStudy, load_study
from chipsim.study.place import begin, claimed_study
from chipsim.study.plan import Plan
from chipsim.study.planning import plan_study
from chipsim.study.statistics import Gathered, gather_kept
from chipsim.study.store import ROWS, RUNS, is_whole, make_ready
from chipsim.study.words import leading_rows

FAILED: Final = 3
"""Exit code of a study some of whose runs could not be made."""


def carried_out(file: Path, folder: Path, *, jobs: int) -> KeptStudy:
    """A scenario file, its runs made where they are not there yet."""
    prepare(file)
    plan = plan_study(read_study(file))
    with claimed_study(folder, resume=True) as place:
        make_ready(place)
        if left := begin(plan, place, base=file.parent.resolve()):
            print(f"warning: {left}", file=sys.stderr)
        share(plan, folder)
    command = [
        sys.executable,
        "-m",
        "chipsim",
        "study",
        str(file),
        "-o",
        str(folder),
        "--resume",
        "-j",
        str(jobs),
    ]
    done = subprocess.run(command, check=False)  # noqa: S603  # our own words
    if done.returncode not in (0, FAILED):
        raise OutputError(f"{file}: not carried out, see above")
    return load_study(folder)


def prepare(file: Path) -> None:
    """Have the script of a scenario file, where it has one, make what its runs begin with."""
    script = file.with_name(f"{file.stem.replace('-', '_')}.py")
    if script.is_file() and subprocess.run([sys.executable, str(script)], check=False).returncode:  # noqa: S603
        raise OutputError(f"{script}: did not make what {file} begins with, see above")


def share(plan: Plan, folder: Path) -> None:
    """Take runs that another study of the report has made already; a run has the same name in all."""
    others = [other for other in folder.parent.iterdir() if other.is_dir() and other != folder]
    for run in plan.runs:
        if is_whole(folder, run.id):
            continue
        for other in others:
            if is_whole(other, run.id):
                shutil.copytree(other / RUNS / run.id, folder / RUNS / run.id, dirs_exist_ok=True)
                shutil.copy(other / ROWS / f"{run.id}.json", folder / ROWS)
                break


def told(gathered: Gathered, name: str, *, drawing: bool, notes: Sequence[str] = ()) -> str:
    """What stands between a study's marks; notes are what to know before believing it."""
    study = gathered.study
    parts = [
        f"**{study.question}** [{name}.yaml]({name}.yaml), figures of all runs: [{name}.csv]({name}.csv)"
    ]
    claims = [claim_row(claimed(held, gathered)) for held in hold_all(gathered)]
    if claims:
        parts.append(
            table(("claim", "of", "published", "measured", "95 % range", "verdict", "source"), claims)
        )
    metrics, rows = leading_rows(gathered)
    parts.append(table(("", "seeds", *(metric.title.lower() for metric in metrics)), rows))
    left = [run for run in gathered.runs if run.state != "done"]
    if left:
        lines = [f"- `{run.planned.command}`: {' '.join((run.error or run.state).split())}" for run in left]
        parts.append("\n".join(["Left out, as no whole run came of them:", "", *lines]))
    if notes:
        parts.append("\n".join(f"- {' '.join(note.split())}" for note in notes))
    if drawing:
        parts.append(f"![{study.question}]({name}.svg)")
    return "\n\n".join(parts)


def claim_row(one: Claimed) -> Sequence[str]:
    """One claim as a row."""
    held = one.held
    verdict = f"**{held.verdict}**" + (f" ({held.why})" if held.why else "")
    verdict += f" ({one.missing})" if one.missing else ""
    claim = held.claim
    return claim.claim, one.of, one.published, one.measured, one.range or MISSING, verdict, claim.source


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def filled(text: str, name: str, content: str) -> str:
    """A README with what stands between the marks of a study replaced; without such marks as it was."""
    marks = re.compile(rf"(<!-- study {re.escape(name)} -->\n).*?(<!-- end {re.escape(name)} -->)", re.DOTALL)
    return marks.sub(lambda found: f"{found[1]}{content}\n{found[2]}", text)


def draw(gathered: Gathered, file: Path) -> bool:
    """Write the first figure of a study's page, where it has one and can be drawn."""
    figures = [figure for its in study_figures(gathered).values() for figure in its]
    if not figures:
        return False
    try:
        file.write_bytes(drawn(figures[0], "svg", width=6.5))
    except OutputError as error:
        print(f"{file}: not drawn ({error})")
        return False
    return True


def studies(report: Path, only: Sequence[str]) -> Iterator[Path]:
    """The scenario files of a report, those that were asked for."""
    for file in sorted(report.glob("*.yaml")):
        if not only or file.stem in only:
            yield file


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("report", type=Path, help="folder with scenario files and a README.md")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="processes that make runs [1]")
    parser.add_argument(
        "--only", action="append", default=[], help="name of one study; may be given several times"
    )
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder that runs are kept in [runs]")
    asked = parser.parse_args(arguments)
    broken = False
    for file in studies(asked.report, asked.only):
        folder = asked.runs / asked.report.resolve().name / file.stem
        try:
            put(carried_out(file, folder, jobs=asked.jobs), file)
        except ChipsimError as error:
            # The other studies of the report do not depend on it.
            print(f"error: {error}", file=sys.stderr)
            broken = True
    if broken:
        sys.exit(1)


def put(study: KeptStudy, file: Path) -> None:
    """Write a study's figures beside its scenario file, and what it came to into the README."""
    readme = file.parent / "README.md"
    gathered = gather_kept(study)
    write_csv(study, file.with_suffix(".csv"))
    drawing = draw(gathered, file.with_suffix(".svg"))
    notes = [*value_sentences(gathered), *caveats(gathered, examples_of(study))]
    content = told(gathered, file.stem, drawing=drawing, notes=notes)
    # Study by study: what is done is told even if a later one is stopped.
    text = readme.read_text(encoding="utf-8")
    readme.write_text(filled(text, file.stem, content), encoding="utf-8")
    print(f"report: {readme}, {file.stem}")


if __name__ == "__main__":
    main()
