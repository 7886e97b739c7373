"""Profiles, metrics, balances and costs: a file a table, and in folders what several of them share."""
