"""What every trained model has in common: what a training hands over, and who may be champion."""
