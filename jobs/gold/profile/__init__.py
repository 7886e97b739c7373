"""What the profiles of feeders, transformers and areas share, and the metrics made of them."""
