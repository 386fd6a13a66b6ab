"""A headless Chromium, driven by its own protocol: for the pages that the program serves."""

import asyncio
import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0")
START_S = 60.0


class Page:
    """One tab. send(): a command of the protocol; evaluate(): JavaScript, whose value comes back."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._number = socket, 0

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        while (answer := await self._socket.receive_json()).get("id") != self._number:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    async def evaluate(self, script: str) -> Any:
        answer = await self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, script: str, seconds: float = 60.0) -> Any:
        """The value of `script`, as soon as it is one that counts as true."""
        async with asyncio.timeout(seconds):
            while not (value := await self.evaluate(script)):
                await asyncio.sleep(0.05)
            return value

    async def pointer(self, kind: str, x: float, y: float) -> None:
        """mousePressed, mouseMoved or mouseReleased, with the left button."""
        await self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=int(kind != "mouseReleased"), clickCount=1)


class Browser:
    def __init__(self, http: aiohttp.ClientSession, address: str) -> None:
        self._http, self._address = http, address

    async def open(self, url: str, width: int, height: int) -> Page:
        """`url` in a tab of its own, on a screen of that size."""
        async with self._http.put(f"{self._address}/json/new?about:blank") as answer:
            target = await answer.json()
        page = Page(await self._http.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0))
        await page.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=True)
        await page.send("Page.navigate", url=url)
        return page


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Started afresh, with no profile; it ends with the block."""
    assert CHROMIUM, "no Chromium here"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen([CHROMIUM, *FLAGS, f"--user-data-dir={folder}", "about:blank"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            file = Path(folder) / "DevToolsActivePort"
            async with asyncio.timeout(START_S):
                while not (file.exists() and file.read_text().count("\n")):
                    await asyncio.sleep(0.05)
            async with aiohttp.ClientSession() as http:
                yield Browser(http, f"http://127.0.0.1:{file.read_text().split()[0]}")
        finally:
            process.terminate()
            process.wait(10)
