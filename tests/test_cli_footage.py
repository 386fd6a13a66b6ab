"""What the commands say of long work where there is no terminal, such as in the window."""

from webcam_pix2pix.cli import footage


def test_long_work_says_now_and_then_how_far_it_is(monkeypatch, capsys):
    now = [50.0]
    monkeypatch.setattr(footage.time, "monotonic", lambda: now[0])
    images, data = footage.ProgressLine("image"), footage.ProgressLine("B")
    for done in range(1, 26):
        now[0] += 1.0
        images(done, 2000)
        data(1000 * done, 10**6)
    images.close()
    data.close()
    assert capsys.readouterr().out.splitlines() == ["11 of 2000 images", "22 of 2000 images"]
