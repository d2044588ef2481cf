# SPDX-License-Identifier: BSD-2-Clause
"""`make report`, as a browser sees it, and JUnit's XML, from runs that are made up here."""

import re
import subprocess
import xml.etree.ElementTree as xml

import pytest

from ci import report, results

BROWSER = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
           "--virtual-time-budget=3000")
SECTIONS = {"milestones", "mutants", "suites", "attacks", "bench", "history"}
HOSTILE = "<script>document.title = 'broken'</script>"
ROW = "P-M4-13"


@pytest.fixture(scope="module", name="folder")
def fixture_folder(tmp_path_factory):
    """Where the results are kept during these tests."""
    folder = tmp_path_factory.mktemp("results")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(results, "FOLDER", folder)
        patch.setattr(results, "HISTORY", folder / "history.jsonl")
        patch.setattr(results, "JUNIT", folder / "junit.xml")
        yield folder


@pytest.fixture(scope="module", name="page")
def fixture_page(folder):
    """The report's path."""
    mutant = {"row": ROW, "red": f"{ROW} bad_pointer_matrix", "seconds": 3.0}
    results.save("mutants", [{"id": f"{ROW}a", "fate": "killed", "why": "", **mutant},
                             {"id": f"{ROW}b", "fate": "survived", "why": HOSTILE, **mutant}],
                 planted=2, killed=1)
    results.save("suites", [{"name": "made up", "seconds": 1.5, "passed": 7, "failed": 0}],
                 passed=7, failed=0)
    results.save("attacks", [{"attack": "wrmsr", "happened": "SIGSEGV", "stopped_by": "CPL",
                              "verdict": "held"}])
    path = folder / "report.html"
    path.write_text(report.page(), encoding="utf-8")
    return path


def dom(page, words="", width=1280):
    """What the browser made of the page."""
    done = subprocess.run([*BROWSER, f"--window-size={width},900", "--dump-dom",
                           f"file://{page}{words}"], capture_output=True, text=True, check=True,
                          timeout=60)
    assert "CONSOLE" not in done.stderr, done.stderr
    return done.stdout


def rows_of(text, section):
    """[(attributes, text)] of the rows of a section's tables."""
    body = re.search(rf'<section id="{section}">.*?</section>', text, re.S)[0]
    return [(attributes, re.sub(r"<[^>]*>", " ", row))
            for attributes, row in re.findall(r"<tr([^>]*)>(<td.*?)</tr>", body, re.S)]


def test_everything_is_on_the_page(page):
    text = dom(page)
    assert set(re.findall(r'<section id="(\w+)"', text)) == SECTIONS
    promises = rows_of(text, "milestones")
    assert len(promises) == len(report.promise_rows())
    assert "bad" not in re.search(r'<section id="milestones">.*?<h3>M4', text, re.S)[0]
    assert [row for _, row in promises if row.split()[0] == ROW and "1 of 2" in row]
    assert "made up" in rows_of(text, "suites")[0][1]
    assert "wrmsr" in rows_of(text, "attacks")[0][1]
    assert len(rows_of(text, "history")) == 3
    assert 'class="bad">survived' in text  # as the browser writes it


def test_what_a_test_said_is_text_not_markup(page):
    text = dom(page)
    assert "<title>Bartizan: report</title>" in text
    assert "&lt;script&gt;document.title" in text


def test_rows_are_chosen_by_words(page):
    rows = rows_of(dom(page, f"#wanted={ROW}%20pointer"), "milestones")
    shown = [row for attributes, row in rows if "hidden" not in attributes]
    assert len(shown) == 1 and ROW in shown[0]


@pytest.mark.parametrize("width", (500, 1280))
def test_no_part_is_broader_than_the_window(page, width):
    assert 'data-broad="false"' in dom(page, width=width)


def test_nothing_is_fetched(page):
    assert not re.search(r'(src|href)="(?!#)|url\(|@import', page.read_text(encoding="utf-8"))


def test_junit_holds_every_suite(folder):
    path = results.junit_of("a suite, of pytest")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('<testsuites><testsuite name="pytest" tests="2" failures="1"><testcase '
                    'name="one"/><testcase name="two"><failure/></testcase></testsuite>'
                    "</testsuites>", encoding="utf-8")
    results.write_junit([results.pytest_suite("a suite, of pytest"),
                         results.single_test("host units", 2.0, ""),
                         results.single_test("fuzzers", 3.0, "a \x1b[31m crash")])
    suites = xml.parse(results.JUNIT).getroot().findall("testsuite")
    assert [(suite.get("name"), suite.get("failures")) for suite in suites] == \
        [("a suite, of pytest", "1"), ("host units", "0"), ("fuzzers", "1")]
    assert suites[2].find("testcase/failure").text == "a ?[31m crash"
    assert results.pytest_suite("never ran") is None and folder in results.JUNIT.parents
