"""Opens a page in a real headless browser and tells what is wrong with it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import attrs

__all__ = ["find_browser", "misfits_of", "problems_of", "seconds_to_draw"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--virtual-time-budget=20000",
    "--enable-logging=stderr",
    "--dump-dom",
)
_LOOK_FOR_MISFITS = """<script>
setTimeout(function () {
  var found = [], root = document.documentElement;
  function all(place, what) { return Array.prototype.slice.call(place.querySelectorAll(what)); }
  all(document, "table").forEach(function (table) {
    var box = table.parentElement;
    if (table.offsetWidth > box.clientWidth) {
      var marked = box.classList.contains("more-right") && !box.nextElementSibling.hidden && box.tabIndex === 0;
      found.push((marked ? "table " : "table without a sign that it scrolls ") + (table.id || table.getAttribute("aria-labelledby") || table.tHead.textContent.trim())
        + ": " + table.offsetWidth + " in " + box.clientWidth);
    }
  });
  all(document, "figcaption, .verdict li").forEach(function (line) {
    if (line.scrollWidth > line.clientWidth + 1) { found.push("text: " + line.textContent.trim()); }
  });
  all(document, ".card p").forEach(function (line) {
    if (line.scrollWidth > line.clientWidth) { found.push("card: " + line.textContent.trim()); }
  });
  all(document, ".plot").forEach(function (plot) {
    var bars = all(plot, ".legend .scrollbar").filter(function (bar) { return bar.getAttribute("height") > 0; });
    if (bars.length) { found.push(plot.id + ": entries of the legend are hidden"); }
    all(plot, ".legendtext, .ytick text").forEach(function (name) {
      var box = name.getBoundingClientRect(), whole = plot.getBoundingClientRect();
      if (box.left < whole.left - 1 || box.right > whole.right + 1) {
        found.push(plot.id + ": " + name.textContent + " runs out of the figure");
      }
    });
    var rows = all(plot, ".ytick text").map(function (name) { return name.getBoundingClientRect(); });
    rows.sort(function (one, other) { return one.top - other.top; });
    rows.slice(1).forEach(function (row, place) {
      if (row.top < rows[place].bottom - 2) { found.push(plot.id + ": names of rows lie on each other"); }
    });
  });
  if (root.scrollWidth > root.clientWidth) { found.push("the page scrolls sideways"); }
  root.dataset.misfits = JSON.stringify(found);
}, 3000);
</script>"""


_TELL_WHEN_DRAWN = """<script>
(function look() {
  if (document.documentElement.dataset.drawn) { console.log("drawn after " + performance.now() + " ms"); }
  else { setTimeout(look, 5); }
})();
</script>"""


def find_browser():
    """The path of a browser that runs headless, or None."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


@attrs.define
class _Plot:
    svgs: int = 0
    traces: int = 0


class _Dom(HTMLParser):
    """Counts what plotly.js drew in each plot, and finds what the page noted about itself."""

    def __init__(self):
        super().__init__()
        self.noted = {}
        self.containers = []
        self.plots = {}
        self._last = _Plot()

    def handle_starttag(self, tag, attributes):
        said = {name: value or "" for name, value in attributes}
        classes = said.get("class", "").split()
        if tag == "html":
            self.noted = said
        if "plot" in classes:
            self.containers.append(said.get("id"))
        if "js-plotly-plot" in classes:
            self._last = self.plots[said["id"]] = _Plot()
        self._last.svgs += "main-svg" in classes
        self._last.traces += bool({"trace", "hm"} & set(classes))


def problems_of(page, *, folder):
    """Everything wrong with a page: errors it logged, plots it did not draw, traces that are missing.

    Parameters
    ----------
    page
        Path of the HTML file.
    folder
        An empty folder for the browser's profile.
    """
    dom, done = _opened(page, folder=folder, width=1280)
    problems = [
        f"logged: {line.partition('CONSOLE')[2]}" for line in done.stderr.splitlines() if "CONSOLE" in line
    ]
    if dom.noted.get("data-errors"):
        problems.append(f"threw: {dom.noted['data-errors']}")
    wanted = _wanted_traces(page)
    if dom.noted.get("data-drawn") != str(len(wanted)):
        problems.append(f"drew {dom.noted.get('data-drawn', 'nothing')} of {len(wanted)} figures")
    if sorted(wanted) != sorted(dom.containers):
        problems.append("places for figures and figures do not agree")
    for name, traces in wanted.items():
        plot = dom.plots.get(name, _Plot())
        if not plot.svgs or plot.traces != traces:
            problems.append(f"{name}: {plot.svgs} drawings, {plot.traces} of {traces} traces")
    return problems


def misfits_of(page, *, folder, width=1300):
    """Everything that does not fit its place: tables wider than their card, legends that have to be scrolled.

    Parameters
    ----------
    page
        Path of the HTML file.
    folder
        An empty folder for a copy of the page and the browser's profile.
    width
        Width of the window, pixels.
    """
    copy = folder / "looked-at.html"
    before, end, after = page.read_text("utf-8").rpartition("</body>")
    copy.write_text(before + _LOOK_FOR_MISFITS + end + after, "utf-8")
    dom, _ = _opened(copy, folder=folder, width=width)
    return json.loads(dom.noted["data-misfits"])


def seconds_to_draw(page, *, folder):
    """Seconds from opening a page until all its figures are drawn, by the page's own clock.

    Parameters
    ----------
    page
        Path of the HTML file.
    folder
        An empty folder for a copy of the page and the browser's profile.
    """
    copy = folder / "timed.html"
    before, end, after = page.read_text("utf-8").rpartition("</body>")
    copy.write_text(before + _TELL_WHEN_DRAWN + end + after, "utf-8")
    # Real time: a budget of virtual time stands still while a script works.
    flags = [flag for flag in _FLAGS if not flag.startswith(("--virtual", "--dump"))]
    more = ["--timeout=10000", f"--screenshot={folder / 'shot.png'}", f"--user-data-dir={folder / 'profile'}"]
    command = [find_browser(), *flags, *more, copy.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return float(re.search(r"drawn after ([0-9.]+) ms", done.stderr)[1]) / 1000


def _opened(page, *, folder, width):
    command = [
        find_browser(),
        *_FLAGS,
        f"--window-size={width},2000",
        f"--user-data-dir={folder / 'profile'}",
    ]
    done = subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)
    dom = _Dom()
    dom.feed(re.sub(r"<script[^>]*>.*?</script>", "", done.stdout, flags=re.DOTALL))
    return dom, done


def _wanted_traces(page):
    """Traces of each figure, from the data that the page carries."""
    match = re.search(r'<script type="application/json" id="figures">(.*?)</script>', page.read_text("utf-8"))
    try:
        return {name: len(figure["data"]) for name, figure in json.loads(match[1]).items()}
    except json.JSONDecodeError:
        return {"unreadable": 0}
