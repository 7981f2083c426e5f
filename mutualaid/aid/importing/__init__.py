"""Posts from elsewhere: a table of reports, read by a mapping, becomes needs and offers. See docs/importing.md."""

from mutualaid.aid.importing.mapping import CannotImport, Mapping, Pattern, read_mapping
from mutualaid.aid.importing.reading import ROW_LIMIT, Row, open_text, read_rows
from mutualaid.aid.importing.rejecting import RejectedRows, rejected_path
from mutualaid.aid.importing.reports import Reader, Rejected, Report
from mutualaid.aid.importing.taking import Taken, Taker

__all__ = [
    "ROW_LIMIT",
    "CannotImport",
    "Mapping",
    "Pattern",
    "Reader",
    "Rejected",
    "RejectedRows",
    "Report",
    "Row",
    "Taken",
    "Taker",
    "open_text",
    "read_mapping",
    "read_rows",
    "rejected_path",
]
