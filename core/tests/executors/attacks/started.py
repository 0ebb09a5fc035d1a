"""Puts the report's descriptor where runners expect it, and becomes the naive judge."""

from __future__ import annotations

import os
import sys

from . import naive

if __name__ == "__main__":
    os.dup2(int(sys.argv[1]), 3)
    os.close(int(sys.argv[1]))
    del sys.argv[1]
    sys.exit(naive.main())
