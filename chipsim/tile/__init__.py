"""Tiles: arrays or lanes that hold a block of weights, what drives, reads and changes them."""
