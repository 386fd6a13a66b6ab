"""What a film says of its images is followed: mirrors and turns, covers, fields, high dynamic range."""

import gc
from fractions import Fraction

import av
import av.filter
import numpy as np
import pytest
from footage import number_of, write_steady

from msa.capturer.decoding.decoder import Decoder
from msa.capturer.decoding.tonemap import BT2020, DISPLAY_P3, HLG, KNEE, PQ, TO_SRGB, to_srgb
from msa.capturer.init import Init
from msa.capturer.opening import open_source
from msa.images import read_image
from webcam_pix2pix.cli import main

RED, GREEN, BLUE, GREY = (220, 30, 20), (20, 200, 60), (30, 60, 220), (90, 90, 90)


def corners(size=(160, 96)) -> np.ndarray:
    """Red top left, green top right, blue bottom left, the rest grey."""
    image = np.full((size[1], size[0], 3), GREY, np.uint8)
    image[:32, :48], image[:32, -48:], image[-32:, :48] = RED, GREEN, BLUE
    return image


def write(path, image, count=6, codec="libx264", pix_fmt="yuv420p", change=lambda stream: None, frame_of=None, options=None):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options={"crf": "10"} if options is None else options)
        stream.height, stream.width = image.shape[:2]
        stream.pix_fmt = pix_fmt
        change(stream)
        for number in range(count):
            frame = frame_of(number) if frame_of else av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def near(a, b, tolerance=14) -> bool:
    return bool(np.abs(np.asarray(a, int) - np.asarray(b, int)).max() <= tolerance)


# ---- mirrored and turned

@pytest.mark.parametrize("matrix", [(a, 0, 0, d) for a in (1, -1) for d in (1, -1)] + [(0, b, c, 0) for b in (1, -1) for c in (1, -1)])
def test_all_ways_to_turn_and_mirror(tmp_path, matrix):
    a, b, c, d = matrix
    unit = 1 << 16
    path = write(tmp_path / "film.mp4", corners(), change=lambda s: s.set_display_matrix(
        [a * unit, b * unit, 0, c * unit, d * unit, 0, 0, 0, 1 << 30]))
    with av.open(str(path)) as container:  # the stored numbers, by the definition: (x, y) is shown at (ax + cy, bx + dy)
        frame = next(container.decode(video=0))
        assert np.sign(np.frombuffer(frame.side_data.get("DISPLAYMATRIX") or bytes(36), np.int32)[[0, 1, 3, 4]]).tolist() in (
            [a, b, c, d], [0, 0, 0, 0])
    shown = {}
    for colour, (x, y) in {RED: (-1, -1), GREEN: (1, -1), BLUE: (-1, 1)}.items():
        shown[colour] = (a * x + c * y, b * x + d * y)
    source = open_source(str(path), Init(), live=False)
    image = source.read()
    source.close()
    assert image.shape == ((96, 160, 3) if a else (160, 96, 3))
    for colour, (x, y) in shown.items():
        assert near(image[-6 if y > 0 else 6, -6 if x > 0 else 6], colour), (colour, matrix)


def test_every_reader_mirrors(small_model, tmp_path):
    film = write(tmp_path / "front.mp4", corners(), change=lambda s: s.set_display_matrix([-(1 << 16), 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30]))
    assert main(["frames", str(film), str(tmp_path / "images"), "--every", "1", "--workers", "1"]) == 0
    image = read_image(min((tmp_path / "images").glob("*.png")))
    assert near(image[6, 6], GREEN) and near(image[6, -6], RED)
    assert main(["video", str(film), str(tmp_path / "out.mp4"), "--model", str(small_model), "--set", "Prediction.enabled=false",
                 "--set", "EdgeDetection.method=none", "--set", "EdgeDetection.tone=0"]) == 0
    with av.open(str(tmp_path / "out.mp4")) as container:
        predicted = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert near(predicted[6, 6], GREEN, 30) and near(predicted[6, -6], RED, 30)


# ---- which stream

def with_tracks(path, *tracks):
    """A container with video tracks of (size, codec, disposition, number of its images, count)."""
    with av.open(str(path), "w") as container:
        streams = []
        for (width, height), codec, disposition, _, _ in tracks:
            stream = container.add_stream(codec, rate=25)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p" if codec == "mjpeg" else "yuv420p"
            stream.disposition = disposition
            streams.append(stream)
        for number in range(max(track[4] for track in tracks)):
            for stream, (size, _, _, shade, count) in zip(streams, tracks, strict=True):
                if number < count:
                    frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), shade, np.uint8), format="rgb24")
                    frame.pts, frame.time_base = number, Fraction(1, 25)
                    container.mux(stream.encode(frame))
        for stream in streams:
            container.mux(stream.encode())
    return path


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov"])
def test_the_film_is_not_its_cover_and_not_its_preview(tmp_path, name):
    cover = ((300, 300), "mjpeg", 1 << 10, 250, 1)
    preview = ((64, 48), "libx264", 1, 200, 12)
    film = ((160, 96), "libx264", 0, 60, 12)
    tracks = (cover, film) if name != "a.mkv" else (preview, film)
    for order in (tracks, tracks[::-1]):
        path = with_tracks(tmp_path / name, *order)
        source = open_source(str(path), Init(), live=False)
        images = [source.read() for _ in range(13)]
        source.close()
        assert images[12] is None and {i.shape for i in images[:12]} == {(96, 160, 3)} and near(images[0][40, 40], (60, 60, 60))
    assert main(["frames", str(path), str(tmp_path / "images"), "--every", "4", "--workers", "1"]) == 0
    assert len(list((tmp_path / "images").glob("*.png"))) == 3


def test_of_two_equal_tracks_the_one_marked_as_default_is_the_film(tmp_path):
    path = with_tracks(tmp_path / "a.mkv", ((160, 96), "libx264", 0, 200, 3), ((160, 96), "libx264", 1, 60, 3))
    decoder = Decoder(str(path))
    assert near(decoder.image(decoder.next())[40, 40], (60, 60, 60))
    decoder.close()


def test_a_cover_alone_is_no_film(tmp_path, capsys):
    path = with_tracks(tmp_path / "song.mp4", ((300, 300), "mjpeg", 1 << 10, 250, 1))
    with av.open(str(path)) as container:
        if not container.streams.video[0].disposition & av.stream.Disposition.attached_pic:
            pytest.skip("this FFmpeg stores a lone cover as a film")
    assert main(["frames", str(path), str(tmp_path / "images")]) == 1
    assert "song.mp4: only a cover image in it, no film" in capsys.readouterr().err


# ---- fields

def in_fields(stream) -> None:
    from av.codec.context import Flags

    stream.codec_context.flags |= Flags.interlaced_dct | Flags.interlaced_me


def marked(frame: av.VideoFrame) -> av.VideoFrame:
    """`frame`, with the note that it holds two fields, the upper one first."""
    graph = av.filter.Graph()
    frame = frame.reformat(format="yuv420p")
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    steps = [graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base),
             graph.add("setfield", mode="tff"), graph.add("buffersink")]
    steps[0].link_to(steps[1])
    steps[1].link_to(steps[2])
    graph.configure()
    graph.push(frame)
    return graph.pull()


def test_interlaced_films_have_no_combs(tmp_path):
    def scene(field: int) -> np.ndarray:
        image = np.full((96, 160, 3), 90, np.uint8)
        image[:, 6 * field % 140:][:, :24] = 240
        return image

    def woven(number: int) -> av.VideoFrame:
        image = scene(2 * number)
        image[1::2] = scene(2 * number + 1)[1::2]
        return marked(av.VideoFrame.from_ndarray(image, format="rgb24"))

    path = write(tmp_path / "fields.mp4", scene(0), count=10, change=in_fields, frame_of=woven)
    with av.open(str(path)) as container:
        assert next(container.decode(video=0)).interlaced_frame
    assert main(["frames", str(path), str(tmp_path / "images"), "--every", "1", "--workers", "1"]) == 0
    images = [read_image(image).astype(int) for image in sorted((tmp_path / "images").glob("*.png"))]
    assert len(images) == 10
    for number, image in enumerate(images):
        assert np.abs(np.diff(image, axis=0)).mean() < 2  # 11 with combs
        assert np.abs(image - scene(2 * number)).mean() < 5
    source = open_source(str(path), Init(), live=False)
    live = [source.read() for _ in range(10)]
    assert source.read() is None and all(np.array_equal(a, b) for a, b in zip(live, images, strict=True))
    source.close()


def test_progressive_films_do_not_pass_the_filter(tmp_path):
    path = write_steady(tmp_path / "a.mp4", range(10))
    decoder = Decoder(str(path))
    frames = list(iter(decoder.next, None))
    with av.open(str(path)) as container:
        same = [decoder.image(frame) for frame in container.decode(video=0)]
    assert [number_of(decoder.image(f)) for f in frames] == list(range(10))
    assert all(np.array_equal(decoder.image(a), b) for a, b in zip(frames, same, strict=True))
    decoder.close()


def test_without_the_filter_the_combs_are_reported(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("msa.capturer.decoding.deinterlace.FILTERS", ("no-such-filter",))
    path = write(tmp_path / "fields.mp4", corners(), change=in_fields,
                 frame_of=lambda number: marked(av.VideoFrame.from_ndarray(corners(), format="rgb24")))
    decoder = Decoder(str(path))
    assert len(list(iter(decoder.next, None))) == 6
    decoder.close()
    assert caplog.text.count("is interlaced and shows combs") == 1


# ---- high dynamic range

def coded(srgb: np.ndarray, transfer: int, primaries: int) -> np.ndarray:
    """sRGB 0..255 -> coded 0..1: the inverse of the definition in ITU-R BT.2100, white at 203 nits."""
    value = srgb / 255
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    light = np.maximum(light @ np.linalg.inv(np.array(TO_SRGB[primaries])).T, 0)
    if transfer == PQ:
        power = (light * 203 / 10000) ** 0.1593017578125
        return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    if transfer == HLG:
        shown = light * 0.203
        luminance = (shown @ np.array([0.2627, 0.6780, 0.0593]))[..., None]
        scene = shown * np.maximum(luminance, 1e-9) ** (1 / 1.2 - 1)
        return np.where(scene <= 1 / 12, np.sqrt(3 * scene), 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize(("transfer", "primaries"), [(PQ, BT2020), (HLG, BT2020), (1, BT2020), (13, DISPLAY_P3)])
def test_hdr_and_wide_gamut_preset_as_they_were_meant(tmp_path, transfer, primaries):
    image = coded(corners().astype(float), transfer, primaries)

    def frame_of(number: int) -> av.VideoFrame:
        frame = av.VideoFrame.from_ndarray(np.round(image * 65535).astype(np.uint16), format="rgb48le")
        return frame.reformat(format="yuv444p10le", dst_colorspace=9)

    def named(stream) -> None:
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace, context.color_range = transfer, primaries, 9, 1

    path = write(tmp_path / "hdr.mkv", corners(), pix_fmt="yuv444p10le", change=named, frame_of=frame_of, count=2,
                 options={"crf": "1"})
    decoder = Decoder(str(path))
    frame = decoder.next()
    assert (frame.color_trc, frame.color_primaries) == (transfer, primaries)
    seen = decoder.image(frame)
    decoder.close()
    assert seen.dtype == np.uint8 and seen.shape == (96, 160, 3)
    assert near(seen[6, 6], RED) and near(seen[6, -6], GREEN, 24) and near(seen[-6, 6], BLUE) and near(seen[-6, -6], GREY)


def test_light_beyond_white_is_pressed_not_cut():
    nits = np.array([203 * KNEE, 203, 400, 700, 1000, 4000])
    power = (nits / 10000) ** 0.1593017578125
    code = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    shades = 255 * to_srgb(np.repeat(code[:, None], 3, 1), PQ, 0)[:, 0]
    assert np.all(np.diff(shades[:5]) > 0.5) and shades[4] == pytest.approx(255, abs=0.5) and shades[5] == pytest.approx(255, abs=0.5)
    assert shades[0] == pytest.approx(255 * (1.055 * KNEE ** (1 / 2.4) - 0.055), abs=0.5)


def test_colours_that_cannot_be_converted_are_reported(tmp_path, monkeypatch, caplog):
    def broken(frame):
        raise ValueError("no filter lut3d")

    monkeypatch.setattr("msa.capturer.decoding.tonemap._graph", broken)

    def named(stream) -> None:
        stream.codec_context.color_trc = PQ

    decoder = Decoder(str(write(tmp_path / "hdr.mkv", corners(), change=named)))
    images = [decoder.image(frame) for frame in iter(decoder.next, None)]
    decoder.close()
    assert len(images) == 6 and caplog.text.count("an HDR or wide-gamut film, its colours look washed out") == 1


# ---- the same bytes both ways, and no frame kept

@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuvj420p", "yuv422p", "nv12", "yuv444p", "gray"])
@pytest.mark.parametrize("space", [1, 2, 5, 9])
def test_the_filter_gives_what_the_reformatter_gives(pix_fmt, space):
    from msa.capturer.rgb import RgbConverter

    for size in ((160, 96), (161, 97), (1280, 720)):
        frame = av.VideoFrame.from_ndarray(corners(size), format="rgb24").reformat(format=pix_fmt)
        frame.colorspace, frame.time_base, frame.pts = space, Fraction(1, 25), 0
        matrix = 1 if space == 2 and size[1] >= 720 else None
        expected = frame.to_ndarray(format="rgb24", src_colorspace=matrix)
        assert np.array_equal(RgbConverter().array(frame, frame.width), expected)


def test_a_decoded_frame_is_let_go(tmp_path):
    def mirrored(stream) -> None:
        stream.set_display_matrix([-65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30])

    decoder = Decoder(str(write(tmp_path / "a.mp4", corners(), change=mirrored)))
    gc.collect()
    gc.disable()
    try:
        for frame in iter(decoder.next, None):
            decoder.image(frame)
        del frame
        kept = [thing for thing in gc.get_objects() if isinstance(thing, av.VideoFrame)]
    finally:
        gc.enable()
        decoder.close()
    assert len(kept) <= 2  # the first, whose matrix was looked at
