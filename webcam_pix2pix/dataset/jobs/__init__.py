"""Work over several processes that can be stopped and resumed: the job folder, its tasks, its journal.

May import: dataset.footage, msa.
To add a kind of input: a Task in tasks.py, found in pairs/inputs.py."""
