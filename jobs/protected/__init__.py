"""Identifiers, personal data and rejected payloads of personal sources; nothing else may hold them."""
