"""Mutants of a text of SQL or PL/pgSQL: one token or one rule of it is another."""

import re
from collections.abc import Iterator

TOKEN = re.compile(
    r"--[^\n]*|'(?:[^']|'')*'|\"[^\"]*\"|[A-Za-z_]\w*|\d+(?:\.\d+)?"
    r"|:=|::|->>|->|=>|<>|<=|>=|\|\||<@|@>|\s+|."
)
SWAPS = {
    "=": "<>",
    "<>": "=",
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "+": "-",
    "*": "/",
    "/": "*",
    "and": "or",
    "or": "and",
    "not": "",
    "exists": "not exists",
    "is": "is not",
    "min": "max",
    "max": "min",
    "greatest": "least",
    "least": "greatest",
    "sum": "max",
    "desc": "asc",
    "lag": "lead",
    "where": "where true or",
    "true": "false",
    "false": "true",
}
WORD = re.compile(r"'(?:\w+|[A-Z]+ -> [A-Z]+)'")
STATEMENT = ("perform", "insert", "update")


def mutations(text: str) -> Iterator[tuple[str, str]]:
    """Yield what is changed to what, and the text after it."""
    tokens = TOKEN.findall(text)
    words = [token.lower() for token in tokens]
    for at in range(len(words)):
        for end, new in (
            *_token(tokens, words, at),
            *_rule(words, at),
            *_step(words, at),
        ):
            yield (
                _told(tokens, at, end, new),
                "".join([*tokens[:at], new, *tokens[end:]]),
            )


def _told(tokens, at, end, new):
    """The line with the change, as it was and as it is."""
    before = "".join(tokens[:at]).rpartition("\n")[2]
    after = "".join(tokens[end:]).partition("\n")[0]
    old = "".join(tokens[at:end])
    if "\n" in old:
        old, after = " ".join(old.split()), ""
    return f"{(before + old + after).strip()} => {(before + new + after).strip()}"


def _near(words, at, step):
    at += step
    while 0 <= at < len(words) and words[at].isspace():
        at += step
    return words[at] if 0 <= at < len(words) else ""


def _token(tokens, words, at):
    word = words[at]
    if word in SWAPS:
        is_twice = word in {"exists", "is"} and "not" in {
            _near(words, at, -1),
            _near(words, at, 1),
        }
        if not is_twice:
            yield at + 1, SWAPS[word]
    elif word.isdigit():
        yield at + 1, str(int(word) + 1)
    elif WORD.fullmatch(tokens[at]):
        yield at + 1, "'x'"


def _rule(words, at):
    """A condition that never holds: the rule behind it is gone."""
    if words[at] not in {"if", "elsif"} or _near(words, at, -1) == "end":
        return
    depth, end = 0, at
    while depth or words[end] != "then":
        depth += (words[end] == "case") - (words[end] == "end")
        end += 1
    yield end, f"{words[at]} false "


def _step(words, at):
    """A statement that is not carried out."""
    if _near(words, at, -1) not in {";", "begin", "then", "else", "loop"}:
        return
    end = words.index(";", at) if ";" in words[at:] else at
    is_assigned = ":=" in words[at : at + 5]
    is_refusal = "refuse" in words[at : at + 5]
    if is_assigned or (words[at] in STATEMENT and not is_refusal):
        yield end, "null"
