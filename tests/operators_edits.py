# SPDX-License-Identifier: BSD-2-Clause
"""The edits of `make operators`: C's tokens, and what each could have been by a slip.

Inside functions and the initializers of tables only. Left alone: comments, strings, preprocessor lines,
types, and what stands inside ASSERT() and static_assert(): an assertion has no effect but to stop
a caller's mistake, so a weaker one can only be seen by a test that makes that mistake, and ends.
"""

import re
from dataclasses import dataclass

TOKEN = re.compile(r"""
    (?P<skip>\s+|//[^\n]*|/\*.*?\*/|^[ \t]*\#(?:[^\n\\]|\\.)*)
  | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<number>\d[\w.]*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<sign><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[^\w\s])
""", re.X | re.S | re.M)

SWAPS = {one: other for pair in (
    "< <=", "> >=", "== !=", "&& ||", "+ -", "++ --", "& |", "<< >>", "+= -=", "&= |=", "<<= >>=")
    for one, other in (pair.split(), pair.split()[::-1])}
OPENERS, CLOSERS = "([{", ")]}"
NO_OPERAND = {"return", "case", "else", "do", "goto", "sizeof"}
NO_STATEMENT = {"if", "for", "while", "switch", "return", "case", "default", "do", "else", "break",
                "continue", "goto", "static", "const", "struct", "enum", "union", "unsigned"}
QUIET = {"ASSERT", "static_assert"}
ASSIGNS = {"=", "+=", "-=", "|=", "&=", "^=", "*=", "/=", "%=", "<<=", ">>="}


@dataclass(frozen=True)
class Mutant:
    """One edit of [start, end) to `new`; `line` and `becomes` are what a reader sees of it."""

    file: str
    inside: str
    number: int
    start: int
    end: int
    new: str
    line: str
    becomes: str

    @property
    def key(self) -> tuple:
        return self.file, self.inside, self.line, self.becomes

    def applied_to(self, text: str) -> str:
        """The edited text; all other lines keep their numbers."""
        gone = text[self.start:self.end].count("\n")
        return text[:self.start] + self.new + "\n" * gone + text[self.end:]

    def __str__(self):
        return f"{self.file}:{self.number} {self.inside}: `{self.line}` -> `{self.becomes}`"


class Source:
    """A file as tokens, with where each bracket ends and where functions and tables are."""

    def __init__(self, text: str):
        self.text = text
        matches = [match for match in TOKEN.finditer(text) if match.lastgroup != "skip"]
        self.kind = [match.lastgroup for match in matches]
        self.word = [match.group() for match in matches]
        self.span = [match.span() for match in matches]
        self.mate = self._pairs()
        self.in_parentheses = {k for i, word in enumerate(self.word) if word == "("
                               for k in range(i, self.mate[i])}

    def _pairs(self) -> dict[int, int]:
        """{index of a bracket: index of its other one}"""
        mate, open_ones = {}, []
        for i, word in enumerate(self.word):
            if word in OPENERS:
                open_ones.append(i)
            elif word in CLOSERS:
                mate[i] = open_ones.pop()
                mate[mate[i]] = i
        return mate

    def regions(self):
        """(name, first, last) of every function's body and every table's initializer."""
        i = 0
        while i < len(self.word):
            if self.word[i] == "{" and self.word[i - 1] in (")", "="):
                yield self._name_before(i), i, self.mate[i]
            i = self.mate[i] + 1 if self.word[i] == "{" else i + 1

    def _name_before(self, i):
        while not (self.kind[i - 1] == "word" and self.word[i] in ("(", "[", "=")):
            i = self.mate[i - 1] if self.word[i - 1] in CLOSERS else i - 1
        return self.word[i - 1]

    def quiet(self, first, last) -> set[int]:
        """The tokens inside of assertions."""
        return {k for i in range(first, last) if self.word[i] in QUIET
                for k in range(i, self.mate[i + 1] + 1)}

    def follows_operand(self, i) -> bool:
        before = i - 1
        return (self.kind[before] in ("number", "text") or self.word[before] in (")", "]")
                or self.kind[before] == "word" and self.word[before] not in NO_OPERAND)

    def begins_statement(self, i) -> bool:
        before = self.word[i - 1]
        if before in (";", "{", "}", "else", "do"):
            return i not in self.in_parentheses
        if before == ":":
            start = max(k for k in range(i - 1) if self.word[k] in ("{", "}", ";", ":"))
            return self.word[start + 1] in ("case", "default")
        if before != ")":
            return False
        owner = self.word[self.mate[i - 1] - 1]
        return owner in ("if", "while", "for") or "for_each" in owner

    def statement_end(self, i) -> int:
        """The semicolon of the statement at i; -1 if it is none, or a block's head."""
        assigns = False
        while self.word[i] != ";":
            assigns |= self.word[i] in ASSIGNS
            if self.word[i] == "}" or self.word[i] == "{" and not assigns:
                return -1
            i = self.mate[i] + 1 if self.word[i] in OPENERS else i + 1
        return i


def other_numbers(word: str) -> list[str]:
    match = re.fullmatch(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)", word)
    if not match:
        return []
    digits, suffix = match.groups()
    octal = len(digits) > 1 and digits.isdigit() and digits[0] == "0"
    value = int(digits, 8 if octal else 0)
    return [f"{value + 1}{suffix}", f"{value - 1}{suffix}" if value else "(-1)"]


def other_result(words: list[str]) -> str:
    """What a function could return instead; nothing for what other edits do already."""
    result = "".join(words)
    if result in ("", "NULL") or result.isdigit():
        return ""
    return {"true": "false", "false": "true", "OK": "ERR_INVAL"}.get(
        result, "OK" if result.startswith("ERR_") else "0")


def edits_at(source: Source, i: int):
    """(first token, last token, new text) of every edit that begins at token i."""
    word, kind, mate = source.word[i], source.kind[i], source.mate
    if kind == "number":
        yield from ((i, i, new) for new in other_numbers(word))
    elif word == "!":
        yield i, i, ""
    elif word in SWAPS and (word != "&" or source.follows_operand(i)):
        yield i, i, SWAPS[word]
    elif word in ("if", "while"):
        first, last = i + 2, mate[i + 1] - 1
        yield first, last, "0"
        if word == "if":
            yield first, last, "1"
    elif word == "return":
        end = source.word.index(";", i)
        new = other_result(source.word[i + 1:end])
        if new:
            yield i + 1, end - 1, new
    elif source.begins_statement(i) and word not in NO_STATEMENT:
        yield from dropped(source, i)


def dropped(source: Source, i: int):
    """A call or an assignment that is forgotten; not what declares a name."""
    end = source.statement_end(i)
    if end < 0:
        return
    signs = [k for k in range(i, end) if source.word[k] in ASSIGNS]
    target = source.word[i:signs[0] if signs else i]
    declares = re.match(r"\w+ (\* )*\w+", " ".join(target)) is not None
    calls = source.word[i + 1] == "(" and source.mate[i + 1] == end - 1
    if (signs and not declares) or (calls and source.kind[i] == "word"):
        yield i, end - 1, ""


def mutants(file: str, text: str, functions: list[str]) -> list[Mutant]:
    """Every edit of the named functions and tables of a file, or of all."""
    source, found = Source(text), {}
    for name, first, last in source.regions():
        if functions and name not in functions:
            continue
        quiet = source.quiet(first, last)
        for i in range(first + 1, last):
            for begin, end, new in edits_at(source, i) if i not in quiet else ():
                mutant = describe(file, name, text, source.span[begin][0], source.span[end][1], new)
                found[mutant.start, mutant.end, new] = mutant
    missing = set(functions) - {name for name, _, _ in source.regions()}
    if missing:
        raise KeyError(f"{file} has no {missing}")
    return list(found.values())


def describe(file, name, text, start, end, new) -> Mutant:
    """The edit with the whole lines that it is in, white space as one space."""
    first, last = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    becomes = text[first:start] + new + text[end:last]
    return Mutant(file, name, text.count("\n", 0, start) + 1, start, end, new,
                  " ".join(text[first:last].split()), " ".join(becomes.split()))
