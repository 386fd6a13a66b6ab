"""What a run does besides its steps, counted before it begins: images looked at, bytes written, files kept."""

from dataclasses import dataclass

from ..setup.options import Options


@dataclass(frozen=True)
class Between:
    """epochs: that are left. pairs: of one epoch. held_out: pairs that are validated on, 0: none."""

    options: Options
    epochs: float
    pairs: int
    held_out: int

    def looked_at(self) -> float:
        """Images that the generator paints to be judged or shown."""
        options = self.options
        validations = self.epochs / options.val_freq
        if options.average:  # each epoch that is kept is judged, then each average that is tried
            validations += 2 * self.averaged() - 1
        grids = self.epochs / options.sample_freq + 1  # one is made before the first step
        return validations * self.held_out + grids * min(options.n_samples, self.held_out or self.pairs)

    def saves(self) -> float:
        """How many times all that a run needs to go on is written: every few epochs or pairs, at the end, and when it is better than
        before, which is half of the times."""
        options = self.options
        kept = 1 / options.save_epoch_freq
        better = (1 - kept) * 0.5 / options.val_freq if self.held_out else 0.0
        return self.epochs * (kept + better + self.pairs / options.save_latest_freq) + 1

    def checkpoints(self) -> float:
        """How many different ones there are in the end: the latest, those of the last epochs that are kept, and the best, which may be one
        of these."""
        options = self.options
        kept = options.epochs // options.save_epoch_freq
        if options.save_by_iter:
            kept += options.epochs * self.pairs // options.save_latest_freq
        best = 0.0 if not self.held_out else 1.0 if not kept else 1 - 0.5 / options.save_epoch_freq
        return 1 + min(options.keep_last, kept) + best

    def averaged(self) -> int:
        """Epochs whose generator is kept for the average."""
        return min(self.options.average, self.options.epochs)
