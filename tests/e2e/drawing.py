"""Draws the PNG pictures of ``web/static/img`` from the mark and the evening picture.

``python -m tests.e2e.drawing`` writes them anew after either has changed.
"""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

WEB = Path(__file__).resolve().parents[2] / "web"
IMAGES = WEB / "static" / "img"
MARK = (IMAGES / "mark.svg").read_text()
EVENING = (WEB / "templates" / "front" / "_evening.html").read_text().partition("#}")[2]
ICONS = {
    "icon-192.png": (192, 0.72),
    "icon-512.png": (512, 0.72),
    "icon-maskable.png": (512, 0.54),
    "icon-apple.png": (180, 0.66),
}
"""File, width in pixels, and the share of it that the mark takes."""

COLORS = 224
ICON = """<body style="margin:0;background:#f2f4f3;display:grid;place-items:center;height:100vh">
<div style="width:{share}vw;height:{share}vw">{mark}</div>"""
CARD = """<style>
:root {{ --i-snow: #f2f4f3; --i-snow-2: #dde5e7; }}
body {{ margin: 0; width: 1200px; height: 630px; background: #1c2c3c; color: #f7f3ea;
  overflow: hidden; position: relative; font-family: "Noto Serif", "DejaVu Serif", serif; }}
.evening {{ position: absolute; right: 20px; bottom: 0; width: 700px; }}
.evening svg {{ overflow: visible; width: 100%; display: block; }}
.i-flake {{ fill: #f7f3ea }} .i-snow {{ fill: #f2f4f3 }} .i-snow-2 {{ fill: #dde5e7 }}
.i-roof {{ stroke: #f2f4f3 }} .i-line {{ stroke: #dde5e7 }}
.words {{ position: absolute; left: 64px; top: 64px; }}
.mark {{ width: 104px; background: #f2f4f3; border-radius: 22px; padding: 14px; }}
.mark svg {{ display: block }}
b {{ display: block; font-size: 92px; line-height: 1.1; margin-top: 26px; }}
p {{ font-size: 34px; line-height: 1.4; margin: 14px 0 0; color: #cbd6dc }}
</style><div class="evening">{evening}</div>
<div class="words"><div class="mark">{mark}</div><b>Talkoot</b>
<p>Help from<br>your neighbors</p></div>"""


def draw(page: Page, html: str, width: int, height: int, goal: Path) -> None:
    """A page of HTML as a small PNG."""
    page.set_viewport_size({"width": width, "height": height})
    page.set_content(html)
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(COLORS, method=Image.Quantize.MEDIANCUT).save(goal, optimize=True)


def main() -> None:
    program = os.environ.get("TALKOOT_TEST_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        for name, (width, share) in ICONS.items():
            html = ICON.format(share=share * 100, mark=MARK)
            draw(page, html, width, width, IMAGES / name)
        draw(page, CARD.format(evening=EVENING, mark=MARK), 1200, 630, IMAGES / "card.png")
        browser.close()


if __name__ == "__main__":
    main()
