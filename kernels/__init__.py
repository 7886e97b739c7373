"""Compiled loops behind plain functions: NumPy arrays in, NumPy arrays out; no Spark, no pandas."""
