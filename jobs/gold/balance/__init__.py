"""What the energy balances of feeders and transformers share."""
