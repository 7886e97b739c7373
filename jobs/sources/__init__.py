"""One reader per format of delivered file."""
