"""reStructuredText, AsciiDoc and subtitles become Markdown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.knowledge.readings import Reading
from ingest.loaders import Refused, Unreadable, load

RST = """\
:orphan:

.. _top:

=====
Guide
=====

Call :func:`~acme.pay` or see `the site <https://a.example>`_, ``x = 1``.
It goes on.

Set up
------

.. note:: Mind the gap.

   It is wide.

#. One
#. Two

* A point

Do this::

    a = 1

      b = 2

.. code-block:: python
   :linenos:

   print(1)

.. toctree::

   other

.. include:: /etc/passwd

Prices
~~~~~~

=====  =====
Plan   Price
=====  =====
Free   0
Pro    20
       a month
=====  =====

+------+-------+
| Plan | Price |
+======+=======+
| Free | 0     |
|      | ever  |
+------+-------+

.. list-table::
   :header-rows: 1

   * - Plan
     - Price
   * - Pro
     - 20
"""
RST_AS_MARKDOWN = """\
# Guide

Call acme.pay or see the site, `x = 1`. It goes on.

## Set up

**Note:** Mind the gap.

It is wide.

1. One
1. Two

- A point

Do this:

```
a = 1

  b = 2
```

```
print(1)
```

### Prices

| Plan | Price |
| --- | --- |
| Free | 0 |
| Pro | 20 a month |

| Plan | Price |
| --- | --- |
| Free | 0 ever |

| Plan | Price |
| --- | --- |
| Pro | 20 |"""

ADOC = """\
= Guide
:product: Acme
// a remark

{product} is described at https://a.example[the site] and in <<set-up,the next section>>.

[[set-up]]
== Set up

NOTE: Mind the gap.

[WARNING]
====
It is wide.
====

.Steps
. One
. Two
** A point below

[source,python]
----
print(1)
----

include::/etc/passwd[]

Term:: What it means.

////
Unseen.
////

[cols="1,1"]
|===
|Plan |Price

|Free
|0
|Pro |20
|===
"""
ADOC_AS_MARKDOWN = """\
# Guide

Acme is described at the site and in the next section.

## Set up

**Note:** Mind the gap.

**Warning:**

It is wide.

**Steps**

1. One
1. Two
   - A point below

```
print(1)
```

**Term**

What it means.

| Plan | Price |
| --- | --- |
| Free | 0 |
| Pro | 20 |"""

SRT = """\
1
00:00:01,000 --> 00:00:04,000
<i>Open the lid.</i>

2
00:00:58,000 --> 00:01:03,000
{\\an8}Turn it
around.

3
01:01:00,000 --> 01:01:05,000
Close it.
"""
VTT = """\
WEBVTT

NOTE nobody sees this

00:01.000 --> 00:04.000 align:start
<v Ann>Open the <c.red>lid</c>.

00:05.000 --> 00:06.000
Done.

00:07.000 --> 00:08.000
Done.
"""


@pytest.mark.parametrize(
    ("name", "source", "text"), [("x.rst", RST, RST_AS_MARKDOWN), ("x.adoc", ADOC, ADOC_AS_MARKDOWN)]
)
def test_a_manual_becomes_markdown(name: str, source: str, text: str) -> None:
    (found,) = load(name, source.encode())
    assert isinstance(found, Reading)
    assert (found.title, found.text) == ("Guide", text)


def test_subtitles_are_what_was_said_in_each_minute() -> None:
    text = "## 00:00:00\n\nOpen the lid. Turn it around.\n\n## 01:01:00\n\nClose it."
    assert load("how-to.srt", SRT.encode()) == [Reading("how-to.srt", "How to", text)]
    assert load("x.vtt", VTT.encode()) == [Reading("x.vtt", "X", "## 00:00:00\n\nAnn: Open the lid. Done.")]


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.rst", b".. toctree::\n\n   x\n", "no text"),
        ("a.rst", b"%PDF-1.7", "says reStructuredText, but it is a PDF document"),
        ("a.adoc", b"// nothing\n", "no text"),
        ("a.srt", b"no times here", "no text"),
        ("a.vtt", b"WEBVTT\n", "no text"),
    ],
)
def test_what_says_nothing_is_refused(name: str, data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        load(name, data)


@settings(max_examples=200)
@given(
    st.sampled_from([".rst", ".adoc", ".srt", ".vtt"]),
    st.sampled_from(
        ["", "Title\n=====\n\n", "== A\n\n|===\n|a", "1\n00:00:01,000 --> 00:00:02,000\n", ".. note::\n   "]
    ),
    st.text(alphabet="ab \n\t.:*=-|+`<>[]{}#_/~1\\", max_size=200) | st.text(max_size=100),
)
def test_whatever_is_written_there_are_documents_or_a_refusal(ending: str, start: str, text: str) -> None:
    try:
        found = load(f"x{ending}", (start + text).encode("utf-8", "replace"))
    except Unreadable:
        return
    assert all(isinstance(one, Refused) or one.text for one in found)


@pytest.mark.parametrize("ending", [".rst", ".adoc", ".srt", ".vtt"])
@pytest.mark.parametrize(
    "piece", ["[[", "<<", "https://", ":a", "``", "`", "<v ", "image::[", "{\\", "* ", ".. a::", "::\n ", "|"]
)
@pytest.mark.timeout(10)
def test_a_long_line_takes_no_time_to_speak_of(ending: str, piece: str) -> None:
    load(f"x{ending}", b"1\n00:00:01,000 --> 00:00:02,000\nText.\n" + piece.encode() * 30_000)
