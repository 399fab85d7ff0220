"""The page in a real browser: it draws, answers clicks, goes back in time, finds, and runs nothing of what people wrote.

It takes Chromium as Debian packages it (or what GRAPHMEM_TEST_CHROMIUM names), driven by Playwright. Without them these tests are
skipped and say so; with CI=true they fail.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from page_records import Talk, crowd, maya, person, states

from graphmem import MemLayer, MemLayerConfig
from graphmem.page import Records, document
from graphmem.page.graph import memory_graph

pytestmark = pytest.mark.asyncio(loop_scope="module")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CY = "document.getElementById('graph')._cyreg.cy"
SHOWN = f"{CY}.elements().filter((e) => e.style('display') === 'element')"
HOSTILE = (
    "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 2'><b>I like</b> {{content}} \u2028"
)

Opened = Callable[..., Awaitable[Any]]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Any]:
    program = os.environ.get("GRAPHMEM_TEST_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        program = None
    if program is None:
        reason = "the page is not tried in a browser: it needs playwright (of the extra 'test') and Debian's package chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        # Chromium's own sandbox needs what containers often do not give
        launched = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def open_page(browser: Any, tmp_path: Path) -> AsyncIterator[Opened]:
    """Open a page from disk. At the end it must have asked for nothing else and complained about nothing."""
    asked: list[str] = []
    complaints: list[str] = []
    contexts = []

    async def opened(page_or_records: Records | str, **options: Any) -> Any:
        text = page_or_records if isinstance(page_or_records, str) else document(page_or_records)
        path = tmp_path / "graph.html"
        path.write_text(text, encoding="utf-8")
        context = await browser.new_context(
            **{"viewport": {"width": 1200, "height": 800}, "reduced_motion": "reduce", **options}
        )
        contexts.append(context)
        page = await context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert [url for url in asked if not url.endswith("/graph.html") and url != "about:srcdoc"] == []
    assert complaints == []


async def listed(page: Any) -> list[str]:
    return await page.locator(".facts button > span").all_inner_texts()


async def names(page: Any) -> set[str]:
    """Names of the entities that are drawn."""
    return set(await page.evaluate(f"{SHOWN}.nodes().map((n) => n.data('name'))"))


async def place_of(page: Any, element: str) -> tuple[float, float]:
    """Where on the page an element of the drawing is."""
    at = await page.evaluate(
        f"""(() => {{
            const element = {element}, box = document.getElementById("graph").getBoundingClientRect();
            const at = element.isNode() ? element.renderedPosition() : element.renderedMidpoint();
            return [box.x + at.x, box.y + at.y];
        }})()"""
    )
    return at[0], at[1]


def node(name: str, kind: str = "") -> str:
    also = f" && n.data('shape') === '{kind}'" if kind else ""
    return f"{CY}.nodes().filter((n) => n.data('name') === {name!r}{also})[0]"


def edge(source: str, relation: str, target: str) -> str:
    return (
        f"{CY}.edges().filter((e) => e.source().data('name') === {source!r} && e.target().data('name') === {target!r}"
        f" && e.data('name') === {relation!r})[0]"
    )


async def slide(page: Any, moment: int) -> None:
    """Move the slider with the keyboard, as somebody without a mouse would."""
    await page.focus("#moment")
    await page.keyboard.press("Home")
    for _ in range(moment):
        await page.keyboard.press("ArrowRight")


async def until(page: Any, condition: str) -> None:
    """Wait until something holds; the page's policy forbids Playwright's own way."""
    for _ in range(600):
        if await page.evaluate(condition):
            return
        await page.wait_for_timeout(50)
    pytest.fail(f"it never happened: {condition}")


async def colour_at(page: Any, place: tuple[float, float]) -> tuple[int, int, int]:
    """The colour of a pixel of the page as it is on the screen."""
    clip = {"x": place[0], "y": place[1], "width": 1, "height": 1}
    shot = await page.screenshot(clip=clip)
    read = """async (bytes) => {
        const image = await createImageBitmap(new Blob([new Uint8Array(bytes)], {type: "image/png"}));
        const context = new OffscreenCanvas(1, 1).getContext("2d");
        context.drawImage(image, 0, 0);
        return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
    }"""
    red, green, blue = await page.evaluate(read, list(shot))
    return red, green, blue


async def test_it_draws_what_is_known(open_page: Opened) -> None:
    page = await open_page(maya().records())
    assert await names(page) == {"Maya", "Leeds", "Bristol", "Bath", "car", "Ana", "Porto"}
    assert await page.title() == "What is known about Maya"
    assert await page.inner_text("#counts") == "5 facts hold, 8 shown of 8"
    assert await colour_at(page, await place_of(page, node("Porto"))) == (0, 158, 115)
    assert await colour_at(page, await place_of(page, node("Ana"))) == (0, 114, 178)
    assert (await listed(page))[0] == "lives in Porto"
    kinds = await page.locator("#kinds button").all_inner_texts()
    assert kinds == ["Place 4", "Name 1", "Person 1", "Thing 1"]


async def test_what_is_over_taken_back_or_denied_looks_different(open_page: Opened) -> None:
    page = await open_page(maya().records())
    looks = {
        name: await page.evaluate(
            f"(() => {{ const e = {of}; return [e.style('line-style'), e.style('opacity') < 1, e.style('label')]; }})()"
        )
        for name, of in {
            "holds": edge("Maya", "lives in", "Porto"),
            "over": edge("Maya", "lives in", "Leeds"),
            "taken back": edge("Maya", "born in", "Bristol"),
            "denied": edge("Maya", "owns", "car"),
        }.items()
    }
    assert looks == {
        "holds": ["solid", False, "lives in"],
        "over": ["dashed", True, "lives in"],
        "taken back": ["dotted", True, "born in"],
        "denied": ["dashed", False, "not: owns"],
    }
    await page.uncheck("#past")
    assert not {"Leeds", "Bristol"} & await names(page)
    assert "lived in Leeds" not in await listed(page)


async def test_a_click_on_a_fact_shows_the_message_it_comes_from(open_page: Opened) -> None:
    page = await open_page(maya().records())
    await page.mouse.click(*await place_of(page, edge("Ana", "lives in", "Porto")))
    assert await page.inner_text("#panel h2") == "Ana lives in Porto"
    assert (await page.inner_text("blockquote")).startswith("My friend Ana lives in Porto.")
    assert await page.inner_text("blockquote mark") == "Ana lives in Porto"
    assert "15 Feb 2023" in await page.inner_text("blockquote cite")
    await page.click(".back")
    assert len(await listed(page)) == 8


async def test_a_click_on_an_entity_shows_its_facts_and_on_these_what_they_replace(open_page: Opened) -> None:
    page = await open_page(maya().records())
    await page.mouse.click(*await place_of(page, node("Porto")))
    assert await page.inner_text("#panel h2") == "Porto"
    assert set(await listed(page)) == {"lives in Porto", "Ana lives in Porto"}
    await page.click("text=lives in Porto >> nth=0")
    details = await page.inner_text("#panel dl")
    assert "LIVES_IN" in details
    assert "Feb 2023" in details
    await page.click("text=lived in Leeds")
    assert await page.inner_text(".badge") == "over"
    assert "I'm Maya and I live in Leeds." in await page.inner_text("blockquote")
    await page.keyboard.press("Escape")
    assert len(await listed(page)) == 8


async def test_the_slider_shows_what_was_known_then(open_page: Opened) -> None:
    page = await open_page(maya().records())
    await slide(page, 0)
    assert set(await listed(page)) == {"lives in Leeds", "is called Maya"}
    assert await names(page) == {"Maya", "Leeds"}
    assert "11 Feb 2023" in await page.inner_text("#then")
    assert "I'm Maya and I live in Leeds." in await page.inner_text("#then")
    await slide(page, 1)
    assert "was born in Bristol" in await listed(page)
    await slide(page, 2)
    assert {"was born in Bath", "was not born in Bristol"} < set(await listed(page))
    await page.keyboard.press("End")
    assert {"lives in Porto", "lived in Leeds"} < set(await listed(page))
    assert await page.get_attribute("#moment", "aria-valuetext") == "Known by now, 16 Feb 2023"


async def test_playing_goes_through_time_and_stops_at_the_end(open_page: Opened) -> None:
    page = await open_page(crowd(3).records())
    await page.click("#play")
    assert await page.input_value("#moment") in ("0", "1")
    await until(page, "document.getElementById('moment').value === '2'")
    await until(page, "document.getElementById('play').textContent.startsWith('▶')")


async def test_search_finds_in_facts_names_and_messages(open_page: Opened) -> None:
    page = await open_page(maya().records())
    await page.fill("#search", "SORRY")
    assert set(await listed(page)) == {"was born in Bath", "was not born in Bristol"}
    faint = await page.evaluate(f"{SHOWN}.nodes('.faint').map((n) => n.data('name'))")
    assert sorted(faint) == ["Ana", "Leeds", "Maya", "Porto", "car"], (
        "all but the user and what was found; Maya is the name"
    )
    await page.fill("#search", "zebra")
    assert await listed(page) == []
    assert "0 facts have “zebra”" in await page.inner_text("#panel")
    await page.fill("#search", "")
    assert len(await listed(page)) == 8


async def test_a_kind_can_be_hidden(open_page: Opened) -> None:
    page = await open_page(maya().records())
    await page.click("#kinds button:has-text('Place')")
    assert await names(page) == {"Maya", "car", "Ana"}
    assert not [text for text in await listed(page) if "lives" in text]
    await page.click("#kinds button:has-text('Place')")
    assert "Porto" in await names(page)


async def test_hostile_text_stays_text(open_page: Opened) -> None:
    talk = Talk(HOSTILE)
    talk.say(
        HOSTILE,
        states("LIKES", HOSTILE, "I like"),
        states("RELATED_TO", "x", HOSTILE, of=person(HOSTILE), verb=HOSTILE),
    )
    talk.say(HOSTILE, states("LIVES_IN", "Porto", HOSTILE))
    page = await open_page(talk.records())
    assert HOSTILE.replace("\u2028", " ").strip() in await page.inner_text("h1")
    for number in range(3):
        await page.locator(".facts button").nth(number).click()
        assert HOSTILE.strip("\u2028 ") in await page.locator("blockquote").evaluate("(e) => e.textContent")
        await page.locator("#panel dl .link").nth(1).click()
        await page.click(".back")
    await page.fill("#search", "<img")
    assert len(await listed(page)) == 3
    assert await page.locator("img, b").count() == 0
    assert await page.evaluate("window.broken") is None


async def test_no_other_script_can_run_in_it(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "graph.html"
    path.write_text(
        document(maya().records()).replace(
            "<main>", "<main><script>window.broken = 1</script><img src=x onerror='window.broken = 2'>"
        )
    )
    context = await browser.new_context()
    page = await context.new_page()
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text))
    await page.goto(path.as_uri())
    assert await page.evaluate("window.broken") is None
    assert len(await listed(page)) == 8, "the page itself still works"
    assert [text for text in blocked if "Content Security Policy" in text]
    await context.close()


async def test_light_and_dark_follow_the_system_and_the_button(open_page: Opened) -> None:
    brightness = {}
    for scheme in ("light", "dark"):
        page = await open_page(maya().records(), color_scheme=scheme)
        corner = (20.0, 600.0)
        before = await colour_at(page, corner)
        user = await colour_at(page, await place_of(page, node("Maya", "ellipse")))
        await page.click("#theme")
        await page.wait_for_timeout(100)
        brightness[scheme] = [sum(before), sum(user), sum(await colour_at(page, corner))]
    paper, user, after = brightness["light"]
    assert paper > 700 > 150 > user
    assert after < 150
    paper, user, after = brightness["dark"]
    assert paper < 150 < 650 < user
    assert after > 700


async def test_on_a_phone_everything_is_within_reach(open_page: Opened) -> None:
    page = await open_page(maya().records(), viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await page.touchscreen.tap(*await place_of(page, node("Porto")))
    await page.wait_for_selector("#panel h2")
    assert await page.inner_text("#panel h2") == "Porto"
    inside = "(e) => { const box = e.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; }"
    await until(page, f"({inside})(document.querySelector('#panel h2'))")
    assert await page.locator("#time").evaluate(inside), "the slider is always at hand"
    await page.tap("#whole")
    assert not await page.is_visible("#whole"), "it lies on nothing when all is in view"
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("width", [1200, 360])
async def test_five_hundred_facts_are_all_there_and_nothing_lies_on_another(open_page: Opened, width: int) -> None:
    page = await open_page(crowd(500).records(), viewport={"width": width, "height": 800})
    assert len(await listed(page)) == 500
    nodes = await page.evaluate(f"{CY}.nodes().map((n) => [n.position('x'), n.position('y'), n.width() / 2])")
    box = await page.evaluate(
        f"(() => {{ const b = {CY}.elements().renderedBoundingBox(); return [b.x1, b.y1, b.x2, b.y2]; }})()"
    )
    stage = await page.locator("#graph").bounding_box()
    assert box[0] >= -1
    assert box[1] >= -1
    assert box[2] <= stage["width"] + 1
    assert box[3] <= stage["height"] + 1
    hidden = sum(
        1
        for i, (x, y, r) in enumerate(nodes)
        if any((x - a) ** 2 + (y - b) ** 2 < (max(r, s) * 0.8) ** 2 for a, b, s in nodes[:i])
    )
    assert hidden <= len(nodes) * 0.03, f"{hidden} of {len(nodes)} entities are hidden by others"
    await page.fill("#search", "hobby 77")
    found = await listed(page)
    assert found
    assert all("hobby 77" in text for text in found)


async def test_the_same_graph_is_always_drawn_the_same(open_page: Opened) -> None:
    positions = [
        await (await open_page(maya().records())).evaluate(
            f"{CY}.nodes().map((n) => [n.id(), Math.round(n.position('x')), Math.round(n.position('y'))])"
        )
        for _ in range(2)
    ]
    assert positions[0] == positions[1]


async def test_of_somebody_nothing_is_known(open_page: Opened) -> None:
    page = await open_page(Talk("nobody").records())
    assert await page.inner_text("#nothing") == "Nothing is known yet"
    assert not await page.is_visible("#time")


async def test_a_notebook_shows_the_graph_of_a_memory(open_page: Opened, tmp_path: Path) -> None:
    async with MemLayer(MemLayerConfig(connection_url=str(tmp_path / "m.db"), extractor="rules")) as memory:
        await memory.store("s1", {"input": "I live in Leeds. I work at Barclays.", "output": "ok"}, user_id="alice")
        graph = await memory.graph(user_id="alice")
    page = await open_page(f"<!doctype html><body>{graph._repr_html_()}</body>")
    frame = page.frame_locator("iframe")
    await frame.locator(".facts button", has_text="works at Barclays").click()
    assert "I work at Barclays" in await frame.locator("blockquote mark").inner_text()


async def test_a_page_of_a_part_of_a_graph(open_page: Opened) -> None:
    graph = memory_graph(maya().records())
    part = graph.subgraph([n for n, d in graph.nodes(data=True) if d["name"] in ("Ana", "Porto")])
    page = await open_page(part.to_html())
    assert await listed(page) == ["Ana lives in Porto"]
