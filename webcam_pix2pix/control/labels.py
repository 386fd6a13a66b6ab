"""Labels: what each setting is called for people, and the section of the tree that it is in."""

_IMAGE, _EDGE = "Capture.Processing.", "EdgeDetection."
SECTIONS: dict[str, dict[str, str]] = {  # what the tree shows, in its order: name for people of each setting; the others go under More
    "Picture": {
        _IMAGE + "flip_h": "Mirror", _IMAGE + "flip_v": "Upside down", _IMAGE + "fit": "Fit", "Capture.freeze": "Freeze",
        _IMAGE + "pre_gamma": "Mid-tones", _IMAGE + "grayscale": "Grey", _IMAGE + "invert": "Negative", _IMAGE + "pre_blur": "Blur",
        _IMAGE + "pre_median": "Flatten texture", _IMAGE + "pre_thresh": "Black below", _IMAGE + "frame_diff": "Only what moves"},
    "Edges": {
        _EDGE + "method": "Method", _EDGE + "tone": "Soft shading", _EDGE + "tone_blur": "Shading blur",
        _EDGE + "tone_equalize": "Even out light", _EDGE + "tone_color": "Keep colours",
        _EDGE + "blur_sigma": "Hide texture", _EDGE + "soft_low": "Soft: faint lines", _EDGE + "soft_gain": "Soft: strength",
        _EDGE + "canny_t1_fine": "Fine: faint lines",
        _EDGE + "canny_t2_fine": "Fine: new lines", _EDGE + "canny_t1_coarse": "Coarse: faint lines",
        _EDGE + "canny_t2_coarse": "Coarse: new lines", _EDGE + "morph_kernel_size": "Close gaps",
        _IMAGE + "post_blur": "Soften edges"},
    "Smoothing": {
        "Prediction.post_time_lerp": "Smooth painting", "Prediction.pre_time_lerp": "Smooth input", _IMAGE + "accum_w1": "Trails: past",
        _IMAGE + "accum_w2": "Trails: present", "Prediction.crossfade_s": "Fade to new model"},
    "Model": {
        "Prediction.enabled": "Paint", "Model.model_name": "Model", "Model.then": "Followed by",
        "Prediction.then": "Use what follows", "Model.size": "Painting size", "Model.shape": "Painting shape",
        "Model.device": "Runs on", "Model.precision": "Precision"},
    "Source": {
        "Capture.enabled": "Take images", "Capture.slide_s": "Slide stays",
        "Capture.Init.device_id": "Source", "Capture.Init.width": "Camera width",
        "Capture.Init.height": "Camera height", "Capture.Init.fps": "Camera rate", "Capture.Init.exposure": "Exposure",
        "Capture.Init.focus": "Focus"},
    "Quality": {
        "Quality.ladder": "Hold the rate", "Quality.target_fps": "Rate to hold", "Quality.target_latency_ms": "Delay to hold",
        "Quality.smallest_size": "Smallest size", "Quality.skip": "Every 2nd image"},
    "Output": {
        "Output.scale": "Size", "Output.size": "Height", "Output.shape": "Shape", "Output.sharpen": "Sharpness",
        "Output.record": "Record", "Output.flashes": "Flashes a second",
        "Output.sharp_screen": "Sharp full screen"},
    "Screen": {
        "Screen.fit": "Fit the screen", "Screen.mirror": "Mirror the output", "Screen.rotate": "Turn", "Screen.scaling": "Scaling",
        "Screen.background": "Background", "Screen.corners": "Corners", "Screen.fade_s": "Blackout fade"},
    "Presets": {"Presets.morph_s": "Morph", "Presets.morph_curve": "Morph curve"},
    "Bend": {
        "Bend.level_1": "1 Lines, details", "Bend.level_2": "2 Small shapes", "Bend.level_3": "3 Shapes", "Bend.level_4": "4 Shapes",
        "Bend.level_5": "5 Large shapes", "Bend.level_6": "6 Large shapes", "Bend.level_7": "7 Whole image",
        "Bend.level_8": "8 Whole image", "Bend.level_9": "9 and deeper", "Bend.bottleneck": "Innermost",
        "Bend.noise": "Noise", "Bend.noise_speed": "Noise: speed",
        "Bend.noise_seed": "Noise: variant"},
    "More": {
        _EDGE + "morph_iterations": "Close gaps: repeat", _IMAGE + "post_thresh": "White above", _IMAGE + "canny": "Simple edges",
        _IMAGE + "canny_t1": "Simple: faint lines", _IMAGE + "canny_t2": "Simple: new lines", _EDGE + "network": "Edge network",
        _IMAGE + "adaptive_thresh": "Drawing to lines", _IMAGE + "adaptive_thresh_block": "Drawing: area",
        _IMAGE + "adaptive_thresh_c": "Drawing: darkness", _IMAGE + "lightness": "Grey by lightness", _IMAGE + "blank": "White square",
        _EDGE + "blur_kernel": "Edge blur size", "Prediction.number_1": "Number 1", "Prediction.number_2": "Number 2",
        "Prediction.number_3": "Number 3", "Prediction.number_4": "Number 4",
        "Model.norm_mode": "Norm layers", "Model.backend": "Program",
        "Model.threads": "CPU threads", "Model.compile": "Compile", "Capture.Init.use_thread": "Capture thread",
        "Main.sleep_s": "Pause per image", "Main.verbose": "Print figures"},
}
OTHERS = "More"  # section of those that stand in none


def section_of(name: str) -> str:
    """The section of the setting `name`, which is dotted."""
    return next((section for section, known in SECTIONS.items() if name in known), OTHERS)


def label_of(name: str) -> str:
    """The name in its section: "Smooth painting"."""
    return SECTIONS[section_of(name)].get(name, name.rpartition(".")[2].replace("_", " ").capitalize())


def full_label(name: str) -> str:
    """The name where no section is seen: "Smooth painting", "Bend: noise"."""
    return f"Bend: {label_of(name).lower()}" if section_of(name) == "Bend" else label_of(name)
