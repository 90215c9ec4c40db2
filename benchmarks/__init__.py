"""How fast chipsim trains: each shipped chip by itself, and beside other tools. Run by ``make bench``."""
