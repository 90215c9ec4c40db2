"""Places for output: claimed by one process at a time, filled whole or not at all, never lost when full."""
