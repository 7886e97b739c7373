"""The failure model: chance that a unit fails within the next 12 months."""
