"""Networks and learning rules: arithmetic on the state of parts, and the program of operations that it is."""
