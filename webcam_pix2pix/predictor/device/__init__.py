"""Devices and threads, and executors: image in, image out on one device, with all buffers made once.

devices.py finds devices and counts threads, executors.py moves images to the device and back, machine.py measures the roofline.
May import: msa.
To add a device: a name in devices.py, a subclass of Executor in executors.py, a row in selection.ORDER."""
