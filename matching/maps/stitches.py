"""The knitted row: one stitch is one home. A home with nobody is drawn in outline."""

from __future__ import annotations

STITCH_WIDTH = 10
ROW_HEIGHT = 8.2
SCARF_ROWS = 3
MOST_STITCHES = 250
_STITCH = (
    "M0.6 1.1C1.4 0.6,3.2 2.3,4.5 4.8C5.7 7.3,6.1 9.7,5.2 10.1C4.4 10.6,2.6 8.9,1.3 6.4C0.1 3.9,"
    "-0.3 1.5,0.6 1.1zM9.4 1.1C10.3 1.5,9.9 3.9,8.7 6.4C7.4 8.9,5.6 10.6,4.8 10.1C3.9 9.7,4.3 7.3,"
    "5.5 4.8C6.8 2.3,8.6 0.6,9.4 1.1z"
)


def stitch_scarf(served: int, nobody: int) -> str:
    """The whole community as one knitted band; above `MOST_STITCHES` homes a stitch is ten."""
    total = served + nobody
    words = f"{served} of {total} homes have a neighbor, {nobody} have nobody"
    if total > MOST_STITCHES:
        filled, count, rows = round(served / 10), -(-total // 10), 1
        words = f"One stitch is ten homes: {words}"
    else:
        filled, count, rows = served, total, SCARF_ROWS
        words = f"One stitch is one home: {words}"
    columns = max(1, -(-count // rows))
    width = columns * STITCH_WIDTH + 1
    height = (rows - 1) * ROW_HEIGHT + 13
    uses = "".join(
        f'<use class="{"st-ok" if number < filled else "st-none"}" href="#v" '
        f'x="{number // rows * STITCH_WIDTH}" y="{number % rows * ROW_HEIGHT:.1f}"/>'
        for number in range(count)
    )
    return (
        f'<svg class="scarf" viewBox="-1 -1 {width + 1} {height:.1f}" role="img" '
        f'aria-label="{words}"><defs><path id="v" d="{_STITCH}"/></defs>{uses}</svg>'
    )


def stitch_row(served: int, nobody: int, *, longest: int = 60) -> str:
    """One neighbourhood as a row; where there are many homes, one stitch is more of them."""
    total = served + nobody
    per_stitch = max(1, -(-total // longest))
    filled, outline = -(-served // per_stitch), -(-nobody // per_stitch)
    width = (filled + outline) * 9 + 2
    uses = "".join(
        f'<use class="{"st-ok" if number < filled else "st-none"}" href="#v" x="{number * 9}"/>'
        for number in range(filled + outline)
    )
    return (
        f'<svg viewBox="-1 -1 {width} 13.5" height="14" width="{max(2, width * 0.55):.0f}" '
        f'preserveAspectRatio="none" aria-hidden="true">{uses}</svg>'
    )
