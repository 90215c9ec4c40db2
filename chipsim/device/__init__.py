"""What cells and converters do to numbers: numpy and numba kernels, one device model a file; no clock, no ledger."""
