"""How suppliers are judged: expected numbers without maker, model and batch, and what the observed ones tell."""
