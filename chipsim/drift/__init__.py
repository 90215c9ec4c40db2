"""What time does to the conductance of a cell that nobody touches: one law a file."""
