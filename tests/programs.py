"""Programs of the system that some tests need; without them those tests are listed as not run."""

import pytest

from library.previewing import programs

needs_office = pytest.mark.skipif(
    programs.office() is None,
    reason="LibreOffice is not installed (Debian packages libreoffice-writer, -impress, -calc)",
)
needs_ffmpeg = pytest.mark.skipif(programs.ffmpeg() is None, reason="ffmpeg is not installed (Debian package ffmpeg)")
