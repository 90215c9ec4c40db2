"""Learning rules: what a layer's inputs and errors do to the chip; one kind a file."""
