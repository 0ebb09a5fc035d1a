r"""One spelling for LaTeX and plain mathematics, as string rewriting without any understanding.

What lives here: `canonical`, which removes what changes only the look (`\left`, `\!`, `\dfrac`,
`\mathrm`, delimiters, trailing punctuation), braces every argument (`\frac43` becomes
`\frac{4}{3}`), and turns words such as `sqrt(2)` into commands; and `key`, which also drops
spaces. What does not: units, numbers, lists (see `units`, `verdict`, `shapes`).

Source: the rewritings cover what the answer normalisation of Lewkowycz et al. 2022 ("Solving
Quantitative Reasoning Problems with Language Models", appendix) and the equality check of Hendrycks
et al. 2021 ("Measuring Mathematical Problem Solving With the MATH Dataset") cover; the rules and
their order are our own.
"""

from __future__ import annotations

import re
from typing import Final

from evalctl_math.characters import plain

MAX_CHARACTERS: Final = 2_000

_END: Final = r"(?![A-Za-z])"
_LOOKS: Final = re.compile(
    r"\\(?:left|right|[bB]igg?[lrm]?|displaystyle|textstyle|limits|nolimits|boldsymbol|bf|rm|it"
    rf"|mathstrut|hspace\{{[^{{}}]*\}}|phantom\{{[^{{}}]*\}}){_END}\.?(?<!\.)|\\left\.|\\right\."
)
_JOINED_THOUSANDS: Final = re.compile(
    r"(?<=\d)(?:\{,\}|,\s*\\!|\\,|\\!|,\\,|\\ )\s*(?=\d{3}(?!\d))"
)
_SPACES: Final = re.compile(rf"\\[,;:!> ]|\\(?:q?quad|thinspace|enspace|space|nbsp){_END}|~|\s+")
_FRACTION: Final = re.compile(rf"\\[dtc]frac{_END}")
_TEXT: Final = re.compile(r"\\(?:textbf|textrm|textit|textsf|textnormal|text|mbox|hbox)\s*\{")
_FONT: Final = re.compile(
    r"\\(?:mathbf|mathit|mathsf|mathtt|mathcal|bm|operatorname\*?)\s*\{([^{}]*)\}"
)
_ROMAN: Final = re.compile(r"\\mathrm\s*\{([^{}]*)\}")
_DEGREE: Final = re.compile(rf"\^?\s*\{{?\s*\\(?:circ|degree){_END}\s*\}}?")
_SCRIPT: Final = re.compile(
    r"([\^_])\s*(-?\d+|[A-Za-z]|-?\\(?!frac|sqrt|text|begin|left|right|circ)[A-Za-z]+)"
)
_ROOT: Final = re.compile(r"\\sqrt\s*(\[[^\[\]{}]{1,9}\])?\s*([0-9A-Za-z]|\\[A-Za-z]+)")
_ROOT_CALL: Final = re.compile(r"\\?sqrt\s*\(")
_ROOT_WORD: Final = re.compile(r"(?<!\\)sqrt\s*(?=\{|\d)")
_WORDS: Final = tuple(
    (re.compile(rf"(?<![A-Za-z\\]){word}(?![A-Za-z])"), command)
    for word, command in (
        ("pi", r"\\pi "),
        ("(?:infinity|infty|inf|oo)", r"\\infty "),
        ("(sin|cos|tan|cot|sec|csc|ln|log|exp|arcsin|arccos|arctan)", r"\\\1 "),
        ("percent|per cent", "%"),
    )
)
_NAMES: Final = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (rf"\\(?:cdot|times|ast){_END}|\*\*(?=\*)", "*"),
        (rf"\\div{_END}", "/"),
        (rf"\\(?:leq|leqslant|le){_END}|<=", r"\\le "),
        (rf"\\(?:geq|geqslant|ge){_END}|>=", r"\\ge "),
        (rf"\\(?:neq|ne){_END}|!=", r"\\ne "),
        (rf"\\lt{_END}", "<"),
        (rf"\\gt{_END}", ">"),
        (rf"\\lbrace{_END}", r"\\{"),
        (rf"\\rbrace{_END}", r"\\}"),
        (rf"\\lbrack{_END}", "["),
        (rf"\\rbrack{_END}", "]"),
        (rf"\\(?:varnothing|emptyset){_END}|\\\{{\s*\\\}}", r"\\emptyset "),
        (rf"\\(?:mid|vert|lvert|rvert){_END}", "|"),
        (rf"\\bigcup{_END}", r"\\cup "),
        (rf"\\(?:overline|bar){_END}", r"\\overline"),
        (rf"\\(?:bmod|mod){_END}", r"\\bmod "),
        (rf"\\pounds{_END}", "£"),
        (rf"\\euro{_END}", "€"),
        (r"\\%", "%"),
        (r"\\\$", "$"),
        (r"\\_", "_"),
        (r"\\#", "#"),
        (r"\*\*", "^"),
    )
)
_KEPT_SPACE: Final = re.compile(r"(\\[A-Za-z]+) (?=[A-Za-z])|(?<=\d) (?=\d)")
_WRAPS: Final = (
    ("$$", "$$"),
    ("$", "$"),
    ("\\(", "\\)"),
    ("\\[", "\\]"),
    ("**", "**"),
    ("__", "__"),
    ("*", "*"),
    ("`", "`"),
    ('"', '"'),
)


def canonical(text: str) -> str:
    """Return one spelling of a short answer; texts above `MAX_CHARACTERS` come back untouched."""
    if len(text) > MAX_CHARACTERS:
        return text
    text = unwrap(plain(text)).replace("\\\\", "\\cr ")
    text = _LOOKS.sub("", text)
    text = _JOINED_THOUSANDS.sub("", text)
    text = _SPACES.sub(" ", text)
    text = _FRACTION.sub(r"\\frac", text)
    text = _DEGREE.sub(r"^{\\circ}", text)
    text = _FONT.sub(r"\1", text)
    text = _ROMAN.sub(_roman, text)
    text = _TEXT.sub(r"\\text{", text)
    for pattern, name in _NAMES:
        text = pattern.sub(name, text)
    text = _words(text)
    text = _SCRIPT.sub(r"\1{\2}", text)
    text = _ROOT.sub(r"\\sqrt\1{\2}", text)
    text = _brace_fractions(text)
    return unwrap(_SPACES.sub(" ", text))


def key(text: str) -> str:
    """Return canonical text without the spaces that carry no meaning, for comparing strings."""
    marked = _KEPT_SPACE.sub(lambda match: (match.group(1) or "") + "\x00", text)
    return marked.replace(" ", "").replace("\x00", " ")


def unwrap(text: str) -> str:
    """Return the text without delimiters, emphasis, a box around it all, or trailing marks."""
    for _ in range(8):
        before = text
        # Asterisks at an end are Markdown, even unpaired: no answer begins or ends with a product.
        text = text.strip().rstrip(".,;:…。、*").lstrip("*").strip()
        text = text.rstrip("\\ ")  # the mark belonged to a command such as `\;`
        text = _without_box(text)
        for opening, closing in _WRAPS:
            text = _without_wrap(text, opening, closing)
        if text == before:
            break
    return text.strip()


def _without_wrap(text: str, opening: str, closing: str) -> str:
    inner = text[len(opening) : len(text) - len(closing)]
    whole = len(text) > len(opening) + len(closing)
    if (
        whole
        and text.startswith(opening)
        and text.endswith(closing)
        and closing not in inner.replace("\\$", "")
    ):
        return inner
    return text


def _without_box(text: str) -> str:
    for command in ("\\boxed", "\\fbox", ""):
        if text.startswith(command + "{") and matching(text, len(command)) == len(text) - 1:
            inner = text[len(command) + 1 : -1]
            return inner if command or "," not in inner else text
    return text


def matching(text: str, opening: int) -> int:
    """Return where the bracket at `opening` closes, or -1; brackets of all kinds nest.

    Kinds may differ at the two ends, as in the half-open interval `[0, 1)`.
    """
    depth = 0
    for index in range(opening, len(text)):
        if text[index] in "([{":
            depth += 1
        elif text[index] in ")]}":
            depth -= 1
            if depth == 0:
                return index
    return -1


def _roman(match: re.Match[str]) -> str:
    """Return upright letters as text when they look like a word or unit, else as symbols."""
    inner = match.group(1).strip()
    return f"\\text{{{inner}}}" if re.search("[A-Za-z]", inner) else inner


def _words(text: str) -> str:
    r"""Return plain function names as commands; the inside of `\text{}` keeps its words."""
    pieces = re.split(r"(\\text\{[^{}]*\})", text)
    for index in range(0, len(pieces), 2):
        piece = pieces[index]
        while call := _ROOT_CALL.search(piece):
            end = matching(piece, call.end() - 1)
            if end < 0:
                break
            inner = piece[call.end() : end]
            piece = f"{piece[: call.start()]}\\sqrt{{{inner}}}{piece[end + 1 :]}"
        piece = _ROOT_WORD.sub(r"\\sqrt ", piece)
        for pattern, command in _WORDS:
            piece = pattern.sub(command, piece)
        pieces[index] = piece
    return "".join(pieces)


def _brace_fractions(text: str) -> str:
    r"""Return the text with both arguments of every `\frac` in braces.

    Works from the right, so that an inner fraction is whole before the outer one takes it.
    """
    at = text.rfind("\\frac")
    while at >= 0:
        head, rest = text[: at + 5], text[at + 5 :]
        top, rest = _argument(rest)
        bottom, rest = _argument(rest)
        text = f"{head}{top}{bottom}{rest}"
        at = text.rfind("\\frac", 0, at)
    return text


def _argument(text: str) -> tuple[str, str]:
    """Return the first TeX argument, in braces, and what follows; empty when there is none."""
    text = text.lstrip()
    if not text:
        return "", ""
    if text[0] == "{":
        end = matching(text, 0)
        return (text[: end + 1], text[end + 1 :]) if end > 0 else ("", text)
    command = re.match(r"\\[A-Za-z]+(?:\{[^{}]*\}){0,2}", text)
    if command is not None:
        return f"{{{command.group()}}}", text[command.end() :]
    return f"{{{text[0]}}}", text[1:]
