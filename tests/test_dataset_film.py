import av
import numpy as np
import pytest
from footage import number_of, steady, write_film

from webcam_pix2pix.dataset.footage.film import Film, scene_at, scene_starts


@pytest.fixture(scope="module")
def varying(tmp_path_factory):
    """60 frames at 30 fps, then 60 at 7 fps."""
    times = steady(60, 30) + [2000 + t for t in steady(60, 7)]
    return write_film(tmp_path_factory.mktemp("film") / "varying.mkv", times), times


def test_index_has_every_stamp_without_decoding(varying):
    path, times = varying
    film = Film(str(path))
    index = film.index()
    film.close()
    assert index.stamps.tolist() == times and index.seconds == 0.001
    with av.open(str(path)) as container:
        assert [frame.pts for frame in container.decode(video=0)] == times
    assert set(index.keys) <= set(times) and len(index.keys) >= 120 // 12


@pytest.mark.parametrize("container, codec", [
    ("mkv", "libx264"), ("mp4", "libx264"), ("mp4", "mpeg4"), ("avi", "mpeg4"), ("ts", "libx264")])
def test_frames_asked_for_are_the_frames_one_gets(tmp_path, container, codec):
    times = steady(150, 25)
    path = write_film(tmp_path / f"film.{container}", times, codec)
    film = Film(str(path))
    index = film.index()
    assert len(index.stamps) == 150
    for wanted in ([0, 1, 2, 50, 51, 149], [149], [100], list(range(0, 150, 7))):
        moments = index.moments(np.array(wanted))
        got = [(stamp, number_of(film.image(frame))) for stamp, frame, cut in film.frames(moments) if not cut]
        assert got == [(int(index.stamps[i]), i) for i in wanted]
        film._restart()
    film.close()


def test_jumps_spare_decoding_but_change_nothing(varying):
    path, times = varying
    film = Film(str(path))
    index = film.index()
    moments = index.moments(np.array([0, 3, 100, 110]))
    film.close()
    assert [m.seek is not None for m in moments] == [False, False, True, True]
    assert moments[2].seek <= times[100]


def test_cuts_are_found_where_they_are(tmp_path):
    path = write_film(tmp_path / "cuts.mkv", steady(60, 20), scenes=(20, 41))
    film = Film(str(path))
    index = film.index()
    cuts = [stamp for stamp, _, cut in film.frames(index.moments(np.arange(60))) if cut]
    film.close()
    assert cuts == [20 * 50, 41 * 50]


def test_a_flash_is_no_scene():
    starts = scene_starts([5.0, 5.1, 9.0, 5.0])
    assert starts == [5.0, 9.0]
    assert [scene_at(starts, t) for t in (0.0, 4.999, 5.0, 8.9, 9.0, 100.0)] == [0, 0, 1, 1, 2, 2]


def test_no_film(tmp_path):
    (tmp_path / "film.mp4").write_text("not a film")
    with pytest.raises(ValueError, match=r"film\.mp4: not a video"):
        Film(str(tmp_path / "film.mp4"))
