"""What the stories of writing stand on."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.desks import office
from tests.browser.school import School
from tests.sites import Site


@pytest.fixture(scope="package")
def busy_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all stories; each brings its own school."""
    site = Site(tmp_path_factory.mktemp("writing")).start()
    yield site
    site.stop()


@pytest.fixture
def school(busy_site: Site, browser: Browser) -> Iterator[School]:
    """A school in that site. On nobody's page anything went wrong."""
    with office(busy_site, browser) as made:
        school = School(made)
        yield school
        for desk in made.desks:
            assert not desk.problems
