"""A process that trains again and again, is stopped by real signals, and says what each left: no test itself."""

import sys
from pathlib import Path

from chipsim.result.files import load, save
from chipsim.run import simulate
from chipsim.run.progress import Watcher

SETS = {
    "loops": (
        "single-pair", "update.encoding=stochastic", "network.loss=squared-error", "synapse.weight_range=1",
    ),
    "rounded": ("hybrid-synapse",),
    "serial": ("single-pair-rowwise",),
    "steps": ("single-pair", "batch=3"),
    "hidden": ("metaplastic-bnn", "batch=20"),
}  # fmt: skip
SHORT = ("phases.0.dataset.train=1000", "phases.0.dataset.test=50", "network.layers=[784, 30, 10]")


def say(line):
    """To the process that sends the signals."""
    print(line, flush=True)  # noqa: T201 (a pipe is how it hears)


class Told(Watcher):
    """Says aloud when training begins."""

    def epoch_begins(self, *, epoch, epochs, samples):
        if epoch == 1:
            say("begun")


def main(kind, times, folder):
    """Train so many times, and say of each run whether it was whole, and in which step it ended."""
    chip, *sets = SETS[kind]
    for number in range(times):
        result = simulate(
            chip, "mnist-5k", epochs=9_000, sets=[*SHORT, *sets], progress=Told(), replay=kind != "serial"
        )
        read = load(save(result, Path(folder) / str(number)))
        fired = sum(row.pulses for row in result.ledger)
        had = sum(int(worn.pulses.sum()) for worn in result.wear)
        whole = read.ledger == result.ledger and (kind == "hidden" or fired == had > 0)
        say("whole" if whole else f"{fired} pulses charged, {had} in cells")
        say(result.summary["steps"])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
