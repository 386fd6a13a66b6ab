"""Every reader, fed with damage: a file is read, or refused in one line. Nothing crashes, hangs for two seconds or takes a gigabyte.

The cases run in a child process, so that a crash of a library is found too; case N of a reader is the same bytes in each run.
A file that once made trouble goes to tests/chaos/corpus/READER/ and is tried first from then on.
"""

import contextlib
import json
import multiprocessing
import resource
import shutil
import tempfile
import time
from pathlib import Path
from random import Random

from .readers import READERS

LIMIT_S, LIMIT_MB = 2.0, 1000  # seconds of the processor: the machine may be busy
HANG_S = 120.0  # then the child is ended
CORPUS = Path(__file__).parent / "corpus"
NUMBERS = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\x80\0\0\0", b"\xff" * 8)
ODD = (None, True, -1, 0, 1e308, -1e308, 10**30, "", "x" * 5000, "../../etc/passwd", [], {}, [[[[]]]], "NaN", float("nan"), float("inf"))


def damaged(data: bytes, random: Random, others: list[bytes]) -> bytes:
    """Some damage: bits, bytes, numbers, holes, repetitions, a piece of another file, an early end; of JSON also odd values."""
    if data[:1] in (b"{", b"[") and random.random() < 0.7:
        with contextlib.suppress(ValueError, RecursionError):
            return json.dumps(odd(json.loads(data), random)).encode()
    result = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        if not result:
            break
        # headers are at the front: half of the damage goes there
        where = random.randrange(min(len(result), 200) if random.random() < 0.5 else len(result))
        match random.randrange(8):
            case 0:
                result[where] ^= 1 << random.randrange(8)
            case 1:
                result[where] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
            case 2:
                number = random.choice(NUMBERS)
                result[where:where + len(number)] = number
            case 3:
                del result[where:where + random.choice((1, 4, 100, 5000))]
            case 4:
                result[where:where] = random.randbytes(random.choice((1, 4, 100)))
            case 5:
                result[where:where] = result[where:where + random.choice((8, 200, 5000))]
            case 6:
                other = random.choice(others)
                start = random.randrange(len(other) or 1)
                result[where:where + 300] = other[start:start + 300]
            case 7:
                del result[where:]
    return bytes(result)


def odd(value, random: Random):
    """JSON with something in it that nobody expects."""
    if random.random() < 0.15 or not isinstance(value, dict | list) or not value:
        return random.choice(ODD)
    key = random.choice(list(value) if isinstance(value, dict) else range(len(value)))
    if isinstance(value, dict) and random.random() < 0.2:
        return {k: v for k, v in value.items() if k != key}
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = odd(value[key], random)
    return copy


def fuzz(name: str, cases: int, seed: int = 0, first: int = 0) -> str:
    """Run the cases of a reader, those of the corpus before. Raises AssertionError with the number of the first case that did what it
    must not, and where its file is.

    first: the number to begin with.
    """
    context = multiprocessing.get_context("fork")
    mine, other = context.Pipe()
    at = context.Value("q", -1)  # the case that is being read

    def blamed(trouble: str) -> AssertionError:
        path, kept = Path(folder) / f"case{READERS[name].suffix}", Path(tempfile.gettempdir()) / f"{name}-{seed}-{at.value}"
        shutil.copyfile(path, kept := kept.with_suffix(path.suffix))
        return AssertionError(f"{name}, case {at.value}, seed {seed}: {trouble}; its file: {kept}")

    with tempfile.TemporaryDirectory() as folder:
        child = context.Process(target=_work, args=(name, cases, seed, first, Path(folder), other, at))
        child.start()
        other.close()
        try:
            while True:
                if not mine.poll(HANG_S):
                    raise blamed(f"hangs for more than {HANG_S:g} s")
                ended, worst, most, trouble = mine.recv()
                if trouble:
                    raise blamed(trouble)
                if ended:
                    return f"{cases - first} cases, the slowest {worst:.2f} s, at most {most:.0f} MB"
        except EOFError:
            child.join()
            raise blamed(f"the process died (exit code {child.exitcode})") from None
        finally:
            child.kill()
            child.join()


def case(name: str, number: int, seed: int, good: list[bytes]) -> bytes:
    """The bytes of a case."""
    random = Random(f"{name} {seed} {number}")
    return damaged(random.choice(good), random, good)


def _work(name: str, cases: int, seed: int, first: int, folder: Path, pipe, at) -> None:
    import logging
    logging.disable(logging.CRITICAL)
    reader = READERS[name]
    good = reader.make(folder)
    path = folder / f"case{reader.suffix}"
    for whole in good:  # what is imported with the first is not the fault of a case
        path.write_bytes(whole)
        with contextlib.suppress(Exception):
            reader.read(path)
    known = sorted((CORPUS / name).glob("*"))
    tell = time.monotonic()
    worst = most = 0.0
    for number in (*range(-len(known), 0), *range(first, cases)):
        at.value = number
        path.write_bytes(known[number].read_bytes() if number < 0 else case(name, number, seed, good))
        start, trouble = time.process_time(), ""
        try:
            reader.read(path)
        except (ValueError, OSError) as error:
            if not str(error) or "\n" in str(error):
                trouble = f"not one line: {error!r}"
        except BaseException as error:
            trouble = f"{type(error).__name__}: {error}"
        worst = max(worst, seconds := time.process_time() - start)
        if seconds > LIMIT_S:
            trouble = trouble or f"took {seconds:.1f} s"
        if (most := resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024) > LIMIT_MB:
            trouble = trouble or f"took {most:.0f} MB"
        if trouble or time.monotonic() - tell > 0.5:
            tell = time.monotonic()
            pipe.send((False, worst, most, trouble))
            if trouble:
                return
    pipe.send((True, worst, most, ""))
