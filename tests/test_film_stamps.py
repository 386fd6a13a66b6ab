"""Films whose time stamps cannot be trusted: every image counts once, in order, in every reader."""

import json
import time

import av
import numpy as np
import pytest
from footage import number_of, write_film, write_steady

from msa.capturer.sources.video import VideoFile
from msa.images import read_image
from webcam_pix2pix.cli import main
from webcam_pix2pix.dataset.footage.film import Film
from webcam_pix2pix.dataset.footage.index import Packet, made_stamps, stamps_are_right
from webcam_pix2pix.dataset.footage.selection import Selection
from webcam_pix2pix.dataset.jobs.tasks import SourceImage
from webcam_pix2pix.dataset.pairs.inputs import clips

UNPROCESSED = ["--set", "Prediction.enabled=false", "--set", "EdgeDetection.method=none", "--set", "EdgeDetection.tone=0",
         "--set", "Prediction.post_time_lerp=0"]
COUNT = 60


def joined(path, container="mpegts", shift=0):
    """Two recordings, one after the other in one file, each with its own clock; the second begins `shift` seconds later on it."""
    first = write_steady(path.with_name(f"first{path.suffix}"), range(COUNT // 2), container=container)
    second = path.with_name(f"second{path.suffix}")
    with av.open(str(write_steady(path.with_name(f"plain{path.suffix}"), range(COUNT // 2, COUNT), container=container))) as source, \
            av.open(str(second), "w", format=container) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.pts += round(shift / packet.time_base)
                packet.dts += round(shift / packet.time_base)
                packet.stream = stream
                target.mux(packet)
    path.write_bytes(first.read_bytes() + second.read_bytes())
    return path


def b_frames_in_avi(path):
    return write_steady(path.with_suffix(".avi"), range(COUNT))


def raw(path):
    return write_steady(path.with_suffix(".h264"), range(COUNT), container="h264")


def raw_hevc(path):
    return write_steady(path.with_suffix(".265"), range(COUNT), container="hevc", codec="libx265",
                        options={"x265-params": "log-level=none:pools=1", "crf": "20"})


def starting_again(path):
    return joined(path.with_suffix(".ts"))


def starting_again_without_a_double(path):
    return joined(path.with_suffix(".ts"), shift=0.013)


def with_a_jump(path):
    return joined(path.with_suffix(".ts"), shift=500)


def dvd_cells(path):
    path = path.with_suffix(".vob")
    parts = [write_steady(path.with_name(f"{name}.vob"), numbers, container="vob", codec="mpeg2video", options={"bf": "2"})
             for name, numbers in (("a", range(COUNT // 2)), ("b", range(COUNT // 2, COUNT)))]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


KINDS = [b_frames_in_avi, raw, starting_again, starting_again_without_a_double, with_a_jump, dvd_cells]


@pytest.fixture(params=KINDS, ids=lambda make: make.__name__)
def film(request, tmp_path):
    return request.param(tmp_path / "film")


def test_frames_takes_every_image_once(film, tmp_path):
    assert main(["frames", str(film), str(tmp_path / "images"), "--every", "1", "--workers", "1"]) == 0
    images = sorted((tmp_path / "images").glob("*.png"))
    assert [number_of(read_image(image)) for image in images] == list(range(COUNT))
    rows = json.loads((tmp_path / "images" / "manifest.json").read_text())["frames"]
    times = np.array([row["time"] for row in rows])
    assert np.diff(times).min() > 0 and times[-1] - times[0] == pytest.approx((COUNT - 1) / 25, abs=0.06)


def test_some_frames_are_the_right_ones_whichever_clip_they_lie_in(film, monkeypatch):
    monkeypatch.setattr("webcam_pix2pix.dataset.pairs.inputs.CLIP", 5)
    tasks = clips("film", film, Selection(every=3))
    assert len(tasks) == 4
    got = [[number_of(item.photo) for item in task.source_images() if isinstance(item, SourceImage)] for task in reversed(tasks)]
    assert [number for numbers in reversed(got) for number in numbers] == list(range(0, COUNT, 3))
    assert len({task.key for task in tasks}) == 4


def test_video_shows_every_image_in_its_place(film, small_model, tmp_path):
    assert main(["video", str(film), str(tmp_path / "out.mp4"), "--model", str(small_model), *UNPROCESSED]) == 0
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.video[0].average_rate == 25
        assert [number_of(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)] == list(range(COUNT))


def test_the_sound_continues_where_the_stamps_start_again(small_model, tmp_path):
    parts = []
    for name, numbers, pitch in (("a.ts", range(25), 0), ("b.ts", range(25, 50), 20000)):  # silence, then a tone
        with av.open(str(write_steady(tmp_path / f"plain-{name}", numbers))) as source, av.open(str(tmp_path / name), "w") as target:
            images = target.add_stream_from_template(source.streams.video[0])
            sound = target.add_stream("aac", rate=44100, layout="mono")
            wave = (np.sin(np.arange(44100) * 0.06) * pitch).astype(np.float32)[None] / 32768
            frame = av.AudioFrame.from_ndarray(wave, "fltp", "mono")
            frame.sample_rate = 44100
            target.mux([*sound.encode(frame), *sound.encode()])
            for packet in source.demux(video=0):
                if packet.size:
                    packet.stream = images
                    target.mux(packet)
        parts.append((tmp_path / name).read_bytes())
    (tmp_path / "both.ts").write_bytes(b"".join(parts))
    for out in ("kept.mp4", "anew.mov"):
        assert main(["video", str(tmp_path / "both.ts"), str(tmp_path / out), "--model", str(small_model), *UNPROCESSED]) == 0
        with av.open(str(tmp_path / out)) as container:
            assert [number_of(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)] == list(range(50))
        with av.open(str(tmp_path / out)) as container:
            heard = [(frame.time, np.abs(frame.to_ndarray()).max()) for frame in container.decode(audio=0)]
        assert next(second for second, peak in heard if peak > 0.2) == pytest.approx(1.0, abs=0.1) and heard[-1][0] > 1.8


def test_prepare_takes_every_image_once(tmp_path):
    film = b_frames_in_avi(tmp_path / "film")
    assert main(["prepare", str(film), str(tmp_path / "set"), "--every", "1", "--size", "64", "--workers", "1"]) == 0
    sources = json.loads((tmp_path / "set" / "manifest.json").read_text())
    assert len(list((tmp_path / "set").rglob("*.png"))) == COUNT, sources.keys()


def test_live_plays_it_at_its_own_pace(film):
    source = VideoFile(str(film), live=True)
    begin = time.perf_counter()
    seen = [number_of(source.read()) for _ in range(40)]
    seconds = time.perf_counter() - begin
    source.close()
    assert seen == sorted(seen) and seconds > 1.2  # 1.6 s; a slow machine may leave some out, but none comes early


@pytest.mark.skipif("libx265" not in av.codecs_available, reason="no encoder for HEVC")
def test_raw_hevc(tmp_path):
    film = raw_hevc(tmp_path / "film")
    assert main(["frames", str(film), str(tmp_path / "images"), "--every", "7", "--workers", "1"]) == 0
    assert [number_of(read_image(image)) for image in sorted((tmp_path / "images").glob("*.png"))] == list(range(0, COUNT, 7))


@pytest.mark.parametrize(("name", "codec", "options"), [
    ("a.mkv", "libx264", None), ("a.mp4", "libx264", None), ("a.ts", "libx264", None), ("a.avi", "mpeg4", {"bf": "2"}),
    ("a.mpg", "mpeg2video", {"bf": "2"}), ("a.avi", "libx264", {"bf": "0", "crf": "20"})])
def test_right_stamps_are_used_as_they_are(tmp_path, name, codec, options):
    film = Film(str(write_steady(tmp_path / name, range(30), codec=codec, options=options)))
    index = film.index()
    film.close()
    assert not index.entries and len(index.stamps) == 30


def test_a_long_pause_is_a_pause_where_the_clock_is_trusted(tmp_path):
    film = Film(str(write_film(tmp_path / "slides.mkv", [0, 60_000, 120_000])))
    index = film.index()
    film.close()
    assert index.times.tolist() == [0, 60, 120]


def test_what_makes_stamps_wrong():
    right = [Packet(4, 0, True), Packet(10, 2, False), Packet(6, 4, False), Packet(8, 6, False)]
    assert stamps_are_right(right, 0.04, "matroska,webm", "h264", True)
    assert not stamps_are_right([*right, Packet(None, 8, False)], 0.04, "matroska,webm", "h264", True)
    assert not stamps_are_right([*right, Packet(8, 8, False)], 0.04, "matroska,webm", "h264", True)
    assert not stamps_are_right([*right, Packet(12, 1, False)], 0.04, "matroska,webm", "h264", True)
    assert not stamps_are_right([*right, Packet(3000, 2990, False)], 0.04, "mpegts", "h264", True)
    rising = [Packet(number, number, False) for number in range(4)]
    assert stamps_are_right(rising, 0.04, "avi", "h264", False) and not stamps_are_right(rising, 0.04, "avi", "h264", True)


def test_stamps_are_made_from_what_is_right():
    again = [Packet(n, n, n == 0) for n in (5, 9, 13, 5, 9, None, 20)]
    stamps, joins = made_stamps(range(7), again, 0.02, 12.5, "mpegts")
    assert stamps.tolist() == [5, 9, 13, 17, 21, 25, 29] and joins == [pytest.approx(0.24)]
    assert made_stamps([0, 2, 1], [Packet(n, n, n == 0) for n in range(3)], 0.04, 25.0, "avi")[0].tolist() == [0, 1, 2]
    assert made_stamps(range(3), [Packet(None, None, True)] * 3, 0.01, 25.0, "h264")[0].tolist() == [0, 4, 8]
