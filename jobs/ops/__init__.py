"""What ran, what it read and wrote, and which versions belong together."""
