"""Silver: validated tables, one row per key, that everything above rests on."""
