"""How changes of weights reach cells or numbers: one kind a file."""
