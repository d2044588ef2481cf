# SPDX-License-Identifier: BSD-2-Clause
"""tests/operators.py: each slip is made, the table fits, and a test that is too weak is seen."""

import subprocess

import pytest

from tests import operators
from tests.operators_edits import mutants

SHEBANG = "proc/shebang.c"


def edits(body: str) -> set[str]:
    """What the statements of a function's body become."""
    return {mutant.becomes for mutant in mutants("x.c", f"int f(int a)\n{{\n{body}\n}}\n", [])}


@pytest.mark.parametrize("statement, becomes", [
    ("x(a < b);", {";", "x(a <= b);"}),
    ("x(a >= b);", {";", "x(a > b);"}),
    ("x(a == b);", {";", "x(a != b);"}),
    ("x(a & b);", {";", "x(a | b);"}),
    ("x(&a, (&b));", {";"}),
    ("x(a && b || c);", {";", "x(a || b || c);", "x(a && b && c);"}),
    ("x(a - b, -c);", {";", "x(a + b, -c);", "x(a - b, +c);"}),
    ("a++;", {"a--;"}),
    ("a <<= b;", {";", "a >>= b;"}),
    ("a = b >> c;", {";", "a = b << c;"}),
    ("x(07, 0x10ull, 0);", {";", "x(8, 0x10ull, 0);", "x(6, 0x10ull, 0);", "x(07, 17ull, 0);",
                            "x(07, 15ull, 0);", "x(07, 0x10ull, 1);", "x(07, 0x10ull, (-1));"}),
    ("while (!a)", {"while (0)", "while (a)"}),
    ("if (a) a = b;", {"if (0) a = b;", "if (1) a = b;", "if (a) ;"}),
    ("if (a) x(b); else x(c);", {"if (0) x(b); else x(c);", "if (1) x(b); else x(c);",
                                 "if (a) ; else x(c);", "if (a) x(b); else ;"}),
    ("int b = a;", set()),
    ("struct s *b = a, c;", set()),
    ("*b = (struct s){.a = a};", {";"}),
    ("list_for_each(a, b) x(c);", {"list_for_each(a, b) ;"}),
    ("for (; a; a = b) x();", {"for (; a; a = b) ;"}),
    ("switch (a) { case B: a = b; }", {"switch (a) { case B: ; }"}),
    ("return true;", {"return false;"}),
    ("return OK;", {"return ERR_INVAL;"}),
    ("return ERR_PERM;", {"return OK;"}),
    ("return a;", {"return 0;"}),
    ("return NULL;", set()),
    ("ASSERT(a < 3 && !b); static_assert(1 + 1 == 2);", set()),
    ("// a < b\n/* !a */", set()),
    ("#define A (1 + \\\n2)", set()),
    ('x("1 < 2", \'1\');', {";"}),
])
def test_edits(statement, becomes):
    assert edits(statement) == becomes


def test_tables_are_edited_and_types_are_not():
    text = "struct s { int a[4]; };\nstatic const int b[] = {\n5\n};\nint f(void);\n"
    assert {mutant.becomes for mutant in mutants("x.c", text, [])} == {"6", "4"}


def test_lines_keep_their_numbers():
    text = "int f(void)\n{\n\tg(1,\n\t  2);\n\treturn a;\n}\n"
    for mutant in mutants("x.c", text, []):
        assert mutant.applied_to(text).count("\n") == text.count("\n")


def test_only_named_functions():
    text = "int f(void)\n{\n\tg();\n}\n\nint h(void)\n{\n\ti();\n}\n"
    assert [mutant.inside for mutant in mutants("x.c", text, ["h"])] == ["h"]
    with pytest.raises(KeyError):
        mutants("x.c", text, ["j"])


def test_table_fits():
    parts, entries = operators.load()
    assert operators.unmatched(parts, entries) == []
    assert all(entry["why"].strip() for entry in entries)
    keys = [key for entry in entries for key in operators.keys(entry)]
    assert len(set(keys)) == len(keys)


def test_edit_that_is_gone_is_seen():
    parts, _ = operators.load()
    entry = {"file": SHEBANG, "inside": "is_blank", "line": "x", "becomes": ["y"], "why": "no"}
    assert len(operators.unmatched(parts, [entry])) == 1


def shebang(*functions: str) -> operators.Part:
    """A part by itself, of some functions only."""
    return operators.Part("shebang", {SHEBANG: list(functions)},
                          [operators.Program("build/host-gcc/shebang_test")])


def test_one_part_from_end_to_end(capsys):
    _, entries = operators.load()
    assert operators.check(shebang(), entries, 2) == []
    assert " 0 killed" not in capsys.readouterr().out


def test_weak_test_is_red(tmp_path, capsys):
    """The same program, but its test looks at nothing."""
    part = shebang("is_blank")
    program = part.programs[0]
    assert program.seconds >= 0
    made = "build/host-gcc/tests/unit/shebang_test.o"
    name = "tests/unit/shebang_test.c"
    text = (operators.ROOT / name).read_text(encoding="utf-8")
    operators.write(tmp_path, name, text.replace(
        "int main(void)\n{\n", "int main(void)\n{\n\treturn 0;\n"))
    assert program.compile(made, tmp_path, tmp_path / "weak.o")
    program.commands[""] = [str(tmp_path / "weak.o") if word == made else word
                            for word in program.commands[""]]
    wrong = operators.check(part, [], 2)
    assert any("survivors are not listed" in line for line in wrong)
    assert any("% are killed" in line for line in wrong)
    assert "NOT LISTED proc/shebang.c:" in capsys.readouterr().out


def test_stale_entry_is_red():
    part = shebang("is_blank")
    killed = part.mutants()[0]
    entry = {"file": killed.file, "inside": killed.inside, "line": killed.line,
             "becomes": [killed.becomes], "why": "it was"}
    assert operators.check(part, [entry], 2) == [f"listed, but no survivor: {killed.key}"]


def test_command_line():
    command = [operators.ROOT / "tests" / "operators.py", "--match"]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    assert subprocess.run([*command, "nobody"], check=False, capture_output=True).returncode == 1
