"""Condition-based health and risk: the methodology's figures, what the register says of them, and the kernel's edge."""
