"""How cells, or numbers, carry a weight: one kind a file, and what carries its state."""
