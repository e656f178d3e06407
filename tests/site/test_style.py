"""What can be told of the look without a browser: text can be read, by everybody, in the light and in the dark."""

from __future__ import annotations

import re

import pytest

from semantics.site.render import static_files

STYLE = static_files()["static/site.css"].decode()
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
)
TEXT = {
    "paper": ("ink", "soft", "accent", "source", "target", "good", "bad", "warn"),
    "faint": ("ink", "soft", "accent", "source", "target"), "accent-faint": ("ink", "soft", "accent"),
    "source-faint": ("ink",), "target-faint": ("ink",), "good-faint": ("good",), "bad-faint": ("bad",),
    "warn-faint": ("warn",),
}  # fmt: skip


def luminance(colour: str) -> float:
    """By WCAG 2.1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_has_the_contrast_that_level_aa_asks_for(colours: dict[str, str]) -> None:
    for below, texts in TEXT.items():
        for text in texts:
            low, high = sorted((luminance(colours[below]), luminance(colours[text])))
            assert (high + 0.05) / (low + 0.05) >= 4.5, f"{text} on {below}"


def test_nothing_is_loaded_from_elsewhere() -> None:
    for name, content in static_files().items():
        assert not re.search(rb"https?://|@import|url\(", content), name
