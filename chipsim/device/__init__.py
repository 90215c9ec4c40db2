"""What cells and converters do to numbers: kernels of numpy and numba, one device model a file; no clock."""
