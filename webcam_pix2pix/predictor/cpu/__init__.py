"""Fast ways to run a graph on the CPU: oneDNN in fp32, bf16 and fp16, int8 with torch alone, and OpenVINO.

Each is a runner: a tensor in, a tensor out. calibration.py chooses the int8 scales; uint8.py works on maps of bytes.
May import: predictor.device, predictor.graph, msa.
To add a runner: one file here, one branch in selection.ExecutorFactory.executor(), one entry in selection.candidates()."""
