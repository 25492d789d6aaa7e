"""Where a bundle starts."""

from torsend.__main__ import main

raise SystemExit(main())
