"""How much the conductance of a cell differs from read to read: one law a file."""
