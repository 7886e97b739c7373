"""The demand model: forecasts of feeders and transformers, apart from Spark and MLflow."""
