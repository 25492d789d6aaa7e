"""``python -m torsend.demo``"""

from torsend.demo.tool import main

raise SystemExit(main())
