"""As received: the source's numbers, units and codes, with file and line."""
