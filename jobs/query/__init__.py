"""What people ask of a lake: tables by name, ids in either form, what stands there."""
