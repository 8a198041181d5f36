"""How fast this package is, beside code written by hand and beside its convolutions alone."""
