"""Training: the loop, its run folder, its resume. Importing the package does not import torch; its modules do."""
