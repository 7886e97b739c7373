"""The sample utility: a drop folder as a real utility's systems would write it, and the truth apart from it."""
