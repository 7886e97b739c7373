"""The network as delivered, and who hangs on what."""
