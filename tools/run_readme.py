"""Runs the commands of a README's `bash` blocks as they stand, from the top of the source, and stops at the first that fails.

Usage: python tools/run_readme.py FILE
"""

import os
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parent.parent


def main() -> int:
    """Run them, and return what the last one ended with."""
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    blocks = re.findall(r"^```bash\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert blocks, f"{sys.argv[1]} has no commands"
    # As with an active virtual environment: its commands come first.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    script = "set -eu\n" + "\n".join(
        f"echo '==> {line}'\n{line}" for block in blocks for line in block.splitlines()
    )
    environment = os.environ | {"PATH": path}
    return subprocess.run(["bash", "-c", script], cwd=TOP, env=environment, check=False).returncode  # noqa: S603, S607


if __name__ == "__main__":
    sys.exit(main())
