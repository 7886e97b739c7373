"""What `gridlake trace` answers: from which reads the figures of a usage point's day come; why a unit is judged so.

Both read a handful of files without Spark (`jobs.lake.arrow`), into one structure that is shown as text or as JSON.
"""
