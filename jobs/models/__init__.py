"""Tables that trained models fill; how each is trained stands in the package of its name."""
