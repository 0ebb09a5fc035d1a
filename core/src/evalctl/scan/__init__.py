"""What is in a folder: which registered datasets, whether every row can be taken, what is wrong.

`scan` walks, recognises files by what their rows hold, puts them together and validates them.
Nothing that is found is run, unpickled, unpacked or followed out of the folder.
"""

from __future__ import annotations

from evalctl.scan.report import FoundSet, Guess, ScanReport, Skipped, Status, Unknown
from evalctl.scan.scanning import scan

__all__ = ["FoundSet", "Guess", "ScanReport", "Skipped", "Status", "Unknown", "scan"]
