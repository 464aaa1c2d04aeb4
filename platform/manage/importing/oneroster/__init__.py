"""OneRoster 1.2 as CSV (1EdTech, CSV Binding 1.2.1): rosters of other systems in, ours out.

Names, numbers, classes and who teaches what; telephone numbers, addresses, birthdays and passwords are neither read nor written.
"""

from manage.importing.oneroster.reading import find_rows
from manage.importing.oneroster.writing import PACKAGE, write_package

__all__ = ["PACKAGE", "find_rows", "write_package"]
