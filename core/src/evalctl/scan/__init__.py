"""What is in a folder: which registered datasets, whether every row can be taken, what is wrong.

`scan` walks, recognises files by what their rows hold, puts them together and validates them;
`scan_again` does so for what has changed. Nothing that is found is run, unpickled, unpacked or
followed out of the folder.
"""

from __future__ import annotations

from evalctl.scan.closer import look_closer
from evalctl.scan.encodings import remedy as encoding_remedy
from evalctl.scan.index import scan_again
from evalctl.scan.looking import form_of
from evalctl.scan.report import FoundSet, Guess, ScanReport, Skipped, Status, Unknown
from evalctl.scan.scanning import Scanned, scan

__all__ = [
    "FoundSet",
    "Guess",
    "ScanReport",
    "Scanned",
    "Skipped",
    "Status",
    "Unknown",
    "encoding_remedy",
    "form_of",
    "look_closer",
    "scan",
    "scan_again",
]
