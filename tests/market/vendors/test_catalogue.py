import inspect

from openoutcry.market.folder.layout import DatasetKind
from openoutcry.market.vendors.catalog import CATALOGUE, FEEDS
from openoutcry.market.vendors.http_client import HttpClient
from openoutcry.market.vendors.rss import Rss


def test_every_listing_is_true_of_its_class() -> None:
    assert len({listing.name for listing in CATALOGUE}) == len(CATALOGUE) == 7
    for listing in CATALOGUE:
        parameters = inspect.signature(listing.factory).parameters
        assert next(iter(parameters)) == "client"
        assert ("key" in parameters) == listing.needs_key == bool(listing.signup)
        assert listing.kinds == listing.factory.kinds
        assert listing.kinds <= set(DatasetKind)
        assert listing.terms.startswith("https://")
        if "base_url" in parameters:
            assert parameters["base_url"].default == listing.base_url
            assert listing.base_url.startswith("https://")


def test_the_first_feeds_can_be_made(client: HttpClient) -> None:
    assert [Rss(client, name, template).name for name, template in FEEDS.items()] == list(FEEDS)
