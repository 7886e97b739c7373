"""What `gold.transformer_ageing` is made of."""
