"""The report: one HTML page that shows what the lake holds, how good it is, and what it decides."""

from jobs.report.content import read_content
from jobs.report.summary import summary_lines
from jobs.report.write import write_report

__all__ = ["read_content", "summary_lines", "write_report"]
