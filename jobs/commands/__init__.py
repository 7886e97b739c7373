"""The commands of `gridlake`, a file for each kind; `jobs.cli` puts them together."""
