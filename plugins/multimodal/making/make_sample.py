"""Draw the dataset that ships with the package: `python plugins/multimodal/making/make_sample.py`.

Writes `src/evalctl_multimodal/data/sample.jsonl` and the images beside it, all anew.
"""

from __future__ import annotations

import json
from pathlib import Path

from evalctl_multimodal.drawing import Drawn, draw_chart, draw_page

PAGES = 18
CHARTS = 12
FOLDER = Path(__file__).parent.parent / "src" / "evalctl_multimodal" / "data"


def rows_of(name: str, drawn: Drawn) -> list[str]:
    """Return a line for each question about what was drawn."""
    words = [[word.text, *word.box] for word in drawn.sheet.words]
    return [
        json.dumps(
            {
                "id": f"{name}_{number}",
                "image": f"images/{name}.png",
                "kind": drawn.kind,
                "question": one.question,
                "answers": list(one.answers),
                "skill": one.skill,
                "words": words,
            },
            separators=(",", ":"),
        )
        for number, one in enumerate(drawn.asked, 1)
    ]


def main() -> None:
    """Draw everything."""
    images = FOLDER / "images"
    images.mkdir(parents=True, exist_ok=True)
    for old in images.glob("*.png"):
        old.unlink()
    named = [(f"page{number:02}", draw_page(number)) for number in range(PAGES)]
    named += [(f"chart{number:02}", draw_chart(number)) for number in range(CHARTS)]
    lines: list[str] = []
    for name, drawn in named:
        drawn.sheet.save(images / f"{name}.png")
        lines += rows_of(name, drawn)
    (FOLDER / "sample.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
