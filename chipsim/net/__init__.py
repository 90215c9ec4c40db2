"""A network on a chip: its matrices on tiles, its arithmetic, and the programs of its passes."""
