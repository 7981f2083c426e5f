"""The house rules that can be read off the files. Import directions, style and types are `make lint`'s."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "mutualaid").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHOWN = [*TEMPLATES, *sorted((ROOT / "static").rglob("*.*"))]
DRAWERS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "services",
    "service",
    "manager",
    "managers",
    "misc",
    "common",
}
WORKS_BY_THE_CLOCK = {
    "aid/digest",
    "aid/lifecycle/due",
    "aid/lifecycle/erasing",
    "aid/lifecycle/leftovers",
    "aid/lifecycle/retention",
    "aid/news",
    "heartbeat",
    "networks/ended",
    "networks/wiping",
    "notices/mandates",
    "notices/sending",
    "one_by_one",
    "people/limits",
    "people/sessions",
    "worker",
}
OTHER_HOST = re.compile(
    r"https?://(?!www\.w3\.org/)(?!neighbours\.example/)"
)  # namespaces; the patterns page's example
INLINE = re.compile(
    r"""\sstyle\s*=|<style\b|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*["']|javascript:""", re.IGNORECASE
)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def longer_than(limit: int, paths: list[Path]) -> list[str]:
    return [name(path) for path in paths if len(path.read_text().splitlines()) > limit]


def test_modules_fit_in_a_head() -> None:
    assert longer_than(300, MODULES) == []


def test_templates_fit_in_a_head() -> None:
    assert longer_than(120, TEMPLATES) == []


def test_no_module_is_a_drawer() -> None:
    assert [name(path) for path in MODULES if DRAWERS & {path.stem, *path.parent.parts}] == []


def test_only_routes_commands_and_the_worker_commit() -> None:
    """Whatever meets the web or the command line imports flask; all else leaves the commit to its caller."""
    committing = [path for path in MODULES if "session.commit()" in path.read_text()]
    domain = {
        str(path.relative_to(ROOT / "mutualaid").with_suffix(""))
        for path in committing
        if not re.search(r"^(from|import) (flask|click)\b", path.read_text(), re.MULTILINE)
    }
    assert domain <= WORKS_BY_THE_CLOCK


def test_only_the_edges_read_the_clock() -> None:
    """Verbs and queries take `now`, so that tests, imports and the demo can say when."""
    readers = {path.stem for path in MODULES if re.search(r"\butcnow\(\)", path.read_text())}
    assert {
        stem for stem in readers if stem not in {"db", "web", "worker"} and not stem.startswith("cli")
    } == set()


def test_what_is_shown_names_no_other_host() -> None:
    assert [name(path) for path in SHOWN if OTHER_HOST.search(path.read_text())] == []


def test_templates_have_no_inline_style_or_script() -> None:
    assert [name(path) for path in TEMPLATES if INLINE.search(path.read_text())] == []


def test_inline_rule_finds_what_it_is_for() -> None:
    planted = """<p style="x"> <style> <script>1</script> <a onclick="x"> <a href="javascript:x">"""
    assert len(INLINE.findall(planted)) == 5


def test_every_template_is_used() -> None:
    """By its name in a view or another template, or by a name that a view makes of its folder."""
    sources = "".join(path.read_text() for path in [*MODULES, *TEMPLATES])
    names = [path.relative_to(ROOT / "templates") for path in TEMPLATES]
    assert [
        str(name) for name in names if str(name) not in sources and f'f"{name.parent}/{{' not in sources
    ] == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    put_off = re.compile(r"mark\.(skip|skipif|xfail)\b|pytest\.xfail\b")
    assert [name(path) for path in TESTS if put_off.search(path.read_text())] == []


def test_every_test_that_the_security_pages_name_stands() -> None:
    named = {
        name
        for page in (ROOT / "docs" / "asvs.md", ROOT / "docs" / "threat-model.md")
        for name in re.findall(r"tests/[\w/]+\.py", page.read_text())
    }
    assert len(named) > 30
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
