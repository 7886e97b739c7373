"""What the DAGs share: the plan of the tables, and the tasks made from it. Nothing of gridlake itself is imported."""
