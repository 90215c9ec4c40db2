"""When things happen: one unit of hardware a file, with its state, its process and its price."""
