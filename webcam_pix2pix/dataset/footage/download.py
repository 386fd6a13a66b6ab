"""A film from the web: the file itself over http, or by way of yt-dlp where the address is that of a page."""

import http.client
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

TIMEOUT_S = 30.0  # without an answer
BLOCK = 1 << 18  # bytes
AGENT = "webcam-pix2pix"
Progress = Callable[[int, int], None]  # bytes done, bytes in all (0: unknown)


def is_url(text: str) -> bool:
    """Whether a text is an address."""
    return text.lower().startswith(("http://", "https://"))


def download(url: str, folder: Path, progress: Progress | None = None) -> Path:
    """The film at `url` as a file in `folder`; goes on with one that was cut off. Raises OSError or ValueError with one line."""
    path = folder / _name(url)
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    have = partial.stat().st_size if partial.exists() else 0
    headers = {"User-Agent": AGENT} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT_S) as answer:
            if answer.headers.get_content_type() in ("text/html", "application/vnd.apple.mpegurl", "application/x-mpegurl"):
                return _from_page(url, folder, progress)
            _receive(answer, partial, have if answer.status == 206 else 0, progress)
    except urllib.error.HTTPError as error:
        if error.code != 416 or not have:  # 416: there is nothing after what we have
            raise OSError(f"{url}: the server says {error.code} {error.reason}") from None
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise OSError(f"{url}: cannot be downloaded ({getattr(error, 'reason', error)})") from None
    partial.replace(path)
    return path


def _receive(answer: http.client.HTTPResponse, partial: Path, have: int, progress: Progress | None) -> None:
    length = answer.headers.get("Content-Length")
    total = have + int(length) if length else 0
    with partial.open("ab" if have else "wb") as file:
        while block := answer.read(BLOCK):
            file.write(block)
            have += len(block)
            if progress is not None:
                progress(have, total)
    if have < total:
        raise OSError(f"{answer.url}: the connection was lost at {have} of {total} bytes; run the same command again to continue")


def _from_page(url: str, folder: Path, progress: Progress | None) -> Path:
    try:
        import yt_dlp
    except ImportError:
        raise ValueError(f"{url}: a web page, not a video. To download videos from web pages: pip install yt-dlp") from None

    def on_progress(state: dict) -> None:
        if progress is not None and state.get("status") == "downloading":
            progress(state.get("downloaded_bytes") or 0, state.get("total_bytes") or 0)

    options = {"outtmpl": str(folder / "%(title).60s-%(id)s.%(ext)s"), "format": "bestvideo[height<=1080]/best", "noplaylist": True,
               "quiet": True, "no_warnings": True, "noprogress": True, "progress_hooks": [on_progress]}
    try:
        with yt_dlp.YoutubeDL(options) as loader:
            return Path(loader.extract_info(url, download=True)["requested_downloads"][0]["filepath"])
    except (yt_dlp.utils.YoutubeDLError, KeyError, IndexError) as error:
        raise OSError(f"{url}: yt-dlp found no video ({' '.join(str(error).split())[:200]})") from None


def _name(url: str) -> str:
    """A file name for the address: its last part, made harmless."""
    last = urllib.parse.unquote(urllib.parse.urlsplit(url).path).rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip(".-")[-100:] or "film"
