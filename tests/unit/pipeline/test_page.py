"""HTML reports."""

from __future__ import annotations

from stellar_pipeline.reports.page import bar, page, paragraph, table, verdict


def test_text_is_escaped_everywhere() -> None:
    bad = "<script>x</script>"
    cells = table([bad], [[bad]])
    document = page(bad, bad, {bad: [paragraph(bad), verdict(False, bad), cells]})
    assert "<script>" not in document
    assert document.count("&lt;script&gt;") == 8


def test_numbers_are_set_for_reading() -> None:
    cells = table(["rows", "share", "name"], [[1234567, 0.123456, "a"], [1, 2.0, "b"]])
    assert '<td class="n">1,234,567</td><td class="n">0.1235</td><td>a</td>' in cells


def test_a_bar_stays_within_its_width() -> None:
    assert "width:10.00rem" in bar(3.0, 10)
    assert "width:0.00rem" in bar(-1.0, 10)
