"""What a unit's life-cycle cost is made of."""
