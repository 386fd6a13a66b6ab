"""Tracks: which image stream of a container is the film."""

from typing import Any

PHOTOGRAPHS = ("heic", "heix", "heim", "heis", "mif1", "msf1")  # main brands of HEIC files


def film_track(container: Any, url: str) -> Any:
    """The video stream to show: not a cover or a preview image, then the largest, then the one marked as default.

    container: av.container.InputContainer. Raises ValueError naming `url` when there is no film in it.
    """
    from av.stream import Disposition

    videos = list(container.streams.video)
    if not videos:
        raise ValueError(f"{url}: no video in it; choose another film or stream")
    images = Disposition.attached_pic | Disposition.timed_thumbnails
    films = [stream for stream in videos if not stream.disposition & images]
    if not films:
        raise ValueError(f"{url}: only a cover image in it, no film")
    if container.metadata.get("major_brand") in PHOTOGRAPHS or any(stream.disposition & Disposition.dependent for stream in films):
        raise ValueError(f"{url}: a HEIC photograph, not a film; convert it to JPEG first")  # FFmpeg would give one tile of many
    known = [stream for stream in films if stream.codec_context is not None]
    if not known:
        raise ValueError(f"{url}: this program does not know its video format; convert it to MP4 (H.264) first")

    def rank(stream: Any) -> tuple[bool, int, bool]:
        size = stream.codec_context.width * stream.codec_context.height
        return stream.frames != 1, size, bool(stream.disposition & Disposition.default)

    return max(known, key=rank)  # of equals the first
