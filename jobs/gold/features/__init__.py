"""Groups of features of units as of a date: what each table said that was known then."""
