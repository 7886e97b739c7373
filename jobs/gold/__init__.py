"""Profiles, metrics and costs."""
