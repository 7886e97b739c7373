"""Delivered files to committed bronze."""
