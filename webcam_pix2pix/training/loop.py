"""The training loop: epochs of steps, saved so that a stopped or killed run resumes to the bit."""

import logging
import math
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from msa.files import format_error
from webcam_pix2pix.predictor import choose_device
from webcam_pix2pix.specs import Generator, from_json, to_json

from . import averaging, feeding, parallel
from .data import Batches, check_sizes, remarks, training_pairs, validation_pairs
from .estimate import estimate, out_of_memory, too_large
from .objectives.choice import judged
from .progress import Meter, Pace, Progress, Renewal, Reporter, RunMonitor
from .publish import about_run, read_back, start_weights, write_weights
from .runs import state
from .runs.report import write_page
from .runs.runfolder import RunFolder, Steps
from .setup.options import Options, learning_rate
from .setup.specs import check_size, generator_spec
from .trainer import Trainer
from .validate import norm_mode, sample_grid, validate

log = logging.getLogger(__name__)

PLATEAU_PATIENCE = 5  # validations without a better L1 before --lr_policy plateau lowers the rate


def train(dataset: Path, run: RunFolder, options: Options, monitor: RunMonitor, should_stop: Callable[[], bool] = lambda: False) -> bool:
    """Train or resume the run in `run`. True when it is finished, False when it was stopped and saved.

    should_stop: asked after each step, as is the file `stop` in the run folder; the file `pause` holds the run while it is there.
    Raises ValueError or OSError with one line: bad data, a batch that does not fit, losses that are no numbers, a full disk.
    """
    parallel.join()
    try:
        with run.taken() if parallel.rank() == 0 else nullcontext():
            return _Loop(dataset, run, options, monitor, should_stop).run_to_end()
    except (torch.OutOfMemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        raise ValueError(too_large(options, options.crop)) from None
    finally:
        parallel.leave()


class _Loop:
    def __init__(self, dataset: Path, run: RunFolder, options: Options, monitor: RunMonitor, should_stop: Callable[[], bool]) -> None:
        self.run, self.options, self.monitor, self.should_stop = run, options, monitor, should_stop
        self.first = parallel.rank() == 0
        self.device = choose_device(options.device)
        memory = feeding.room(options.cache)
        pairs = training_pairs(dataset, options, memory)
        self.direction = pairs.direction
        self.recipe = pairs.recipe if pairs.recipe_made_input else None
        self.held_out = judged(validation_pairs(dataset, options, memory - pairs.originals.store.room), options, self.device)
        self.batches = Batches(pairs, options)
        self.progress = Progress()
        self.left_out: set[str] = set()  # what was told of damaged pairs
        self.reporter: Reporter | None = None  # of the first process

        last = state.load(run.latest) if run.latest.is_file() else None
        spec, weights = self._start(last)
        self.size = check_sizes(spec, pairs, self.held_out, options)
        notes = [*remarks(pairs, self.held_out, self.size, options), *feeding.cache_remark(pairs, options.cache)]
        for note in notes if self.first else ():
            self.monitor.note(note)
        if last is not None:
            self.progress = Progress(**last["progress"])
        step_s = self._estimate(spec, options.epochs * len(self.batches) - self.progress.done(len(self.batches)))
        self.batches.workers = feeding.workers(options, feeding.pair_ms(pairs), 1000 * step_s)

        state.seed_all(options.seed)
        self.trainer = Trainer(options, spec, self.device, weights if last is None else None, note=monitor.note)
        if last is not None:
            self.trainer.load_state(last["networks"])
            state.restore_random_state(last["random"])
        if self.first:
            run.prepare_to_resume(self.progress.samples)
            if last is not None and self.progress.position == 0:
                self._keep(self.progress.epoch - 1)  # in case of a kill right after the checkpoint was saved
            self._write_weights()
            read_back(run, self.trainer)
            self.reporter = Reporter(run, self.monitor, self.progress, options.epochs, len(self.batches), self.pace)
        self.saved_at = time.monotonic()
        self.renewal = Renewal(step_s * (4 + len(self.held_out or ())))

    def _start(self, last: Mapping[str, Any] | None) -> tuple[Generator, Mapping[str, Tensor] | None]:
        """Spec and first weights of the generator; of a run that goes on, what it began with is no longer needed."""
        if last is not None and "spec" in last:
            return cast(Generator, from_json(last["spec"], str(self.run.latest))), None
        return start_weights(self.options) if self.options.init_from else (generator_spec(self.options), None)

    def run_to_end(self) -> bool:
        try:
            return self._all_epochs()
        except (Exception, KeyboardInterrupt) as error:
            with suppress(OSError):
                self._page(f"stopped by an error: {format_error(error)}" if isinstance(error, Exception) else "stopped")
            raise
        finally:
            self.batches.close()
            if self.reporter is not None:
                self.reporter.close()

    def _all_epochs(self) -> bool:
        self._tell_steps()
        if self.progress.samples == 0:
            self._show(0)
        self._page("in training", active=True)
        while self.progress.epoch <= self.options.epochs:
            if not self._epoch():
                self._save()
                self._page("stopped and saved")
                return False
        self._save()
        if self.first and self.options.average and self.held_out is not None:
            self.monitor.note(averaging.conclude(self.run, self.trainer, self.held_out, self._leave_out))
            self._write_weights()
        if self.first:
            self.run.mark_finished(self.options.epochs)
        self._page("finished")
        return True

    def _epoch(self) -> bool:
        """The rest of the current epoch; False when asked to stop."""
        progress, options = self.progress, self.options
        self.trainer.set_learning_rates(*(learning_rate(options, lr, progress.epoch, progress.reductions)
                                          for lr in (options.lr, options.lr_D or options.lr)))
        whole = options.batch_size * parallel.world()
        meter = Meter()
        for batch in self.batches.epoch(progress.epoch, progress.position):
            for text in batch.damaged:
                self._leave_out(text)
            # with --preprocess none each pair has a size of its own
            check_size(self.trainer.spec, (batch.a.shape[2], batch.a.shape[3]), options)
            meter.add(self.trainer.step(batch.a, batch.b, batch.shifts))
            progress.position += 1
            progress.steps += 1
            progress.samples += whole
            if progress.samples // options.print_freq > (progress.samples - whole) // options.print_freq:
                self._line(meter)
                meter = Meter()
            if self.pace.step():
                self._tell_steps()
            stop, late = self._asked()
            if stop:
                meter.check()
                return False
            self._save_now_and_then(meter, whole, late)
            self._page("in training", active=True, only_when_due=True)
        meter.check()
        with self.pace.aside():
            self._epoch_done()
        return True

    def _leave_out(self, text: str) -> None:
        """Report once a pair that cannot be read."""
        if text in self.left_out:
            return
        self.left_out.add(text)
        if self.first:
            self.monitor.note(f"left out: {text}")
        else:
            log.warning("left out: %s", text)

    def _epoch_done(self) -> None:
        progress, options = self.progress, self.options
        done, progress.epoch, progress.position = progress.epoch, progress.epoch + 1, 0
        last = done == options.epochs
        if self.first and done > options.epochs - options.average:
            averaging.keep(self.run, self.trainer.generator_weights(), done, options.average)
        better = (done % options.val_freq == 0 or last) and self._validate(done)
        if done % options.sample_freq == 0 or last:
            self._show(done)
        if better or done % options.save_epoch_freq == 0:
            self._save()
            self._keep(done)
        self._page("in training", active=True)

    def _keep(self, done: int) -> None:
        """Keep the latest checkpoint, just saved after epoch `done`, as the best and as that of its epoch, where it is one."""
        if self.first and self.progress.best.get("epoch") == done:
            state.link(self.run.latest, self.run.best)
        if self.first and done % self.options.save_epoch_freq == 0:
            state.link(self.run.latest, self.run.checkpoints / f"epoch_{done:04d}.pt")
            self.run.keep_last(self.options.keep_last)

    def _line(self, meter: Meter) -> None:
        """Log the mean losses since the last line."""
        losses, images_per_s = meter.check(), self.options.batch_size * parallel.world() / meter.step_s()
        if self.reporter is not None:
            self.reporter.losses(losses, float(self.trainer.optimizer_G.param_groups[0]["lr"]), images_per_s)

    def _tell_steps(self) -> None:
        if self.reporter is not None:
            self.reporter.steps()

    def _validate(self, epoch: int) -> bool:
        """Judge the shown generator on the held-out pairs; True when it is the best so far."""
        if self.held_out is None:
            return False
        metrics = validate(self.trainer.shown_generator(norm_mode(self.options)), self.held_out, self.device, self._leave_out)
        metrics = dict(zip(metrics, parallel.first_says(list(metrics.values())), strict=True))
        if not all(map(math.isfinite, metrics.values())):
            if self.first:
                self.monitor.note(f"epoch {epoch}: not validated, no pair held out can be read")
            return False
        progress = self.progress
        better = metrics["L1"] < progress.best.get("L1", math.inf)
        progress.since_best = 0 if better else progress.since_best + 1
        if better:
            progress.best = {"epoch": epoch, **metrics}
        elif progress.since_best % PLATEAU_PATIENCE == 0:
            progress.reductions += 1
        if self.reporter is not None:
            self.reporter.validation(epoch, metrics, better)
        return better

    def _show(self, epoch: int) -> None:
        """Write the sample grid of `epoch`; 0 is before the first step."""
        if self.first:
            net = self.trainer.shown_generator(norm_mode(self.options))
            path = self.run.samples / f"epoch_{epoch:04d}.png"
            sample_grid(net, self.held_out or self.batches.dataset, self.options.n_samples, self.device, path, self._leave_out)

    def _asked(self) -> tuple[bool, bool]:
        """Whether to stop, and whether it is time to save; holds while the file `pause` is there."""
        while True:
            stop = self.first and (self.should_stop() or self.run.stop_file.exists())
            pause = self.first and self.run.pause_file.exists()
            late = self.first and time.monotonic() - self.saved_at > 60 * self.options.save_minutes
            stop, pause, late = parallel.agree(stop, pause, late)
            if stop or not pause:
                return stop, late
            with self.pace.aside():
                self._page("paused", active=True, only_when_due=True)
                time.sleep(0.2)

    def _save_now_and_then(self, meter: Meter, whole: int, late: bool) -> None:
        samples, options = self.progress.samples, self.options
        due = samples // options.save_latest_freq > (samples - whole) // options.save_latest_freq
        if due or late:
            meter.check()
            with self.pace.aside():
                self._save()
            if due and options.save_by_iter and self.first:
                state.link(self.run.latest, self.run.checkpoints / f"iter_{samples:08d}.pt")
                self.run.keep_last(options.keep_last)

    def _save(self) -> None:
        """Write the state from which the run can go on, and the weights for other programs and for the show."""
        progress = self.progress
        if self.first:
            self._write_weights()
            state.save({"progress": vars(progress) | {"best": dict(progress.best)}, "networks": self.trainer.state(),
                        "random": state.random_state(), "options": self.options.to_json(), "spec": to_json(self.trainer.spec)},
                       self.run.latest)
        self._tell_steps()
        self.saved_at = time.monotonic()

    def _write_weights(self) -> None:
        progress, each = self.progress, len(self.batches)
        steps = Steps(progress.done(each), self.options.epochs * each, 0.0)
        about = about_run(self.run, self.options, self.trainer.spec, self.size, progress.samples, progress.epoch - 1, progress.best)
        write_weights(self.run, self.trainer, norm_mode(self.options), self.size, self.direction, self.recipe, about,
                      str(steps) if steps.done < steps.all else "")

    def _page(self, state: str, active: bool = False, only_when_due: bool = False) -> None:
        if self.first and (not only_when_due or self.renewal.due(state)):
            with self.renewal.timed(state):
                write_page(self.run, self.options, state, self.renewal.next_in_s() if active else 0.0)

    def _estimate(self, spec: Generator, remaining: int) -> float:
        """Measure and tell; gives the seconds of a step, with which the pace begins."""
        if self.first:
            self.monitor.note("measuring how long a step takes here")
        guess = estimate(self.options, spec, self.device, self.size, remaining, self.batches.dataset, self.held_out,
                         self.run.path if self.first else None)
        if self.first:
            guess.check_disk(self.run.path)
            self.monitor.starts(self.run, guess, remaining)
        self.pace = Pace(guess.step_ms / 1000, guess.other_s / max(remaining, 1))
        return guess.step_ms / 1000
