"""chipsim beside other simulators: the same network and digits, in turns. Run by ``make bench-peers``."""
