"""Layers of a network: each kind with its shapes, its numbers and the arithmetic that it takes."""
