"""The docs page: only files of the service, no script in the page, and the files are there."""

from __future__ import annotations

import importlib.util
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from service.openapi import page
from service.routing import route
from service.typed import ASSETS

ADDRESS = re.compile(r"https?:|//\w")


class Tags(HTMLParser):
    """What a page refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] in ("script", "style"):
            self.inline.append(data.strip())

    def addresses(self) -> list[str]:
        """All that a browser would fetch."""
        return [value for _, given in self.found for key, value in given.items() if key in ("src", "href") and value]


TAGS = Tags(page.html().decode())


def test_everything_comes_from_the_service() -> None:
    """Each address is relative, so that a browser fetches nothing from elsewhere and a prefix of a proxy holds."""
    addresses = [one for one in TAGS.addresses() if not one.startswith("data:")]
    assert len(addresses) == 4
    for address in addresses:
        assert not ADDRESS.search(address)
        assert not address.startswith("/")
    assert not ADDRESS.search(page.html().decode() + page.script().decode())


def test_a_browser_is_told_to_run_nothing_else() -> None:
    """The policy allows the service's own scripts only, and the page has none written into it."""
    policies = [
        given["content"] or "" for tag, given in TAGS.found if given.get("http-equiv") == "Content-Security-Policy"
    ]
    assert len(policies) == 1
    assert "default-src 'self'" in policies[0]
    assert "script-src" not in policies[0]
    assert not any(TAGS.inline)
    assert not any(key.startswith("on") for _, given in TAGS.found for key in given)


@pytest.mark.parametrize("address", [one for one in TAGS.addresses() if not one.startswith("data:")])
def test_each_file_is_served(address: str) -> None:
    """An asset is one that BentoML brings along, behind the path that is let through; the rest has a route."""
    if "/" + address in ("/openapi.json", "/docs/init.js"):
        found = route("/" + address)
        assert found is not None
        assert found.dialect == "service"
        return
    assert ("/" + address).startswith(ASSETS)
    spec = importlib.util.find_spec("bentoml")
    assert spec is not None
    assert spec.origin is not None
    assert (Path(spec.origin).parent / "_internal/server" / address).is_file()


def test_the_script_shows_the_document() -> None:
    """It asks for the document, in the element of the page, and for no validator."""
    script = page.script().decode()
    assert 'url: "openapi.json"' in script
    assert "validatorUrl: null" in script
    assert script.count("{") == script.count("}")
    (element,) = re.findall(r'dom_id: "#([\w-]+)"', script)
    assert [given["id"] for tag, given in TAGS.found if "id" in given] == [element]
