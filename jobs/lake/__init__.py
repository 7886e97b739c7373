"""The only package that touches Delta."""
