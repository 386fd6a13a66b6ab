"""The pages that the window serves, in a real Chromium: the phone remote at the size of a small phone, and MJPEG."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from browser import CHROMIUM, chromium
from test_app import build, make, wait  # noqa: F401

from webcam_pix2pix.sinks.programs.mjpeg import MjpegServer

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
TONE = "EdgeDetection.tone"
SLIDER = "document.querySelector('[aria-label=\"Soft shading\"]')"
WIDTH, HEIGHT = 390, 844


def visit(qtbot, does):
    """await does(browser) beside the window, which goes on."""
    async def main():
        async with chromium() as browser:
            return await does(browser)

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(asyncio.run, main())
        wait(qtbot, future.done, 240000)
        return future.result()


async def drag(page, slider, to):
    """A finger from the middle of the slider to the share `to` of its width."""
    await page.evaluate(f"{slider}.scrollIntoView({{block: 'center'}})")
    x, y, width, height = await page.evaluate(f"(b => [b.x, b.y, b.width, b.height])({slider}.getBoundingClientRect())")
    y += height / 2
    await page.pointer("mousePressed", x + width / 2, y)
    await page.pointer("mouseMoved", x + width * to, y)
    await page.pointer("mouseReleased", x + width * to, y)


def test_two_phones_play_the_window_and_no_token_is_refused(make, qtbot):  # noqa: F811
    window = make()
    window.parts.phone.start("127.0.0.1", 0, "token-of-the-show")
    remote = window.parts.phone.remote

    async def play(browser):
        stranger = await browser.open(remote.server.url, WIDTH, HEIGHT)
        await stranger.until("document.readyState == 'complete' && location.href != 'about:blank'")
        assert "token" in await stranger.evaluate("document.body.innerText")
        assert await stranger.evaluate("document.getElementById('pins')") is None
        first, second = [await browser.open(remote.address, WIDTH, HEIGHT) for _ in range(2)]
        for page in (first, second):
            await page.until(f"{SLIDER} && document.getElementById('live').naturalWidth == 64")
            assert "token" not in await page.evaluate("location.href")
            assert await page.evaluate("document.documentElement.scrollWidth") == WIDTH  # nothing is cut off
        await drag(first, SLIDER, 0.8)
        shown = await second.until(f"{SLIDER}.getAttribute('aria-valuenow') > 0.75 && {SLIDER}.getAttribute('aria-valuenow')")
        await drag(second, SLIDER, 0.2)
        await first.until(f"{SLIDER}.getAttribute('aria-valuenow') < 0.25")
        return float(shown), remote.phones

    assert visit(qtbot, play) == (pytest.approx(0.8, abs=0.02), 2)
    wait(qtbot, lambda: window.pipeline.settings.edges.tone == pytest.approx(0.2, abs=0.02))


def test_the_painting_is_a_moving_image_in_a_browser(make, qtbot):  # noqa: F811
    window, server = make(), MjpegServer()
    window.pipeline.add_sink(server)
    colour = """(async () => {
        const image = document.images[0], canvas = document.createElement('canvas');
        if (!image || !image.naturalWidth) return null;
        canvas.getContext('2d').drawImage(image, 0, 0);
        return [...canvas.getContext('2d').getImageData(20, 20, 1, 1).data].slice(0, 3);
    })()"""

    async def seen_in(browser):
        page = await browser.open(f"{server.url}/", WIDTH, HEIGHT)
        red = await page.until(colour)
        window.live.later(lambda: window.live.set("Model.model_name", "blue"))
        await page.until(f"{colour}.then(c => c && c[2] > 150)")
        return red

    assert visit(qtbot, seen_in) == pytest.approx([200, 40, 30], abs=12)
    window.pipeline.remove_sink(server)
    server.close()
