"""gridlake: Spark jobs on Delta tables."""
