"""The page at the address of the server: the painting, and what else there is to see."""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>webcam-pix2pix</title>
<style>
body { margin: 0; background: #161616; color: #c8c8c8; font: 15px/1.5 system-ui, sans-serif; display: flex; flex-direction: column;
       height: 100vh }
main { flex: 1; min-height: 0; display: flex; align-items: center; justify-content: center }
main img { width: 100%; height: 100%; object-fit: contain }
nav { padding: 8px 12px; display: flex; gap: 4px 16px; flex-wrap: wrap; background: #202020 }
a { color: #c8c8c8; text-decoration: none; border-bottom: 2px solid transparent }
a:hover, a:focus-visible { color: #fff }
a[aria-current] { color: #fff; border-color: #d98c3f }
nav span { margin-left: auto; color: #8c8c8c; font-variant-numeric: tabular-nums }
</style>
</head>
<body>
<main><img id="image" alt="painting" src="painting.mjpg"></main>
<nav>
<a href="painting.mjpg" aria-current="true">painting</a>
<a href="processed.mjpg">processed</a>
<a href="camera.mjpg">camera</a>
<a href="side-by-side.mjpg">side by side</a>
<a href="painting.jpg" class="own">still</a>
<span id="status"></span>
</nav>
<script>
const image = document.getElementById("image"), links = document.querySelectorAll("nav a:not(.own)");
for (const link of links) link.addEventListener("click", event => {
  event.preventDefault();
  for (const other of links) other.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  image.src = link.href; image.alt = link.textContent;
});
setInterval(async () => {
  try {
    const status = await (await fetch("status.json")).json();
    document.getElementById("status").textContent = [status.model, `${status.fps.toFixed(1)} fps`].filter(Boolean).join(" · ");
  } catch { document.getElementById("status").textContent = "not reached"; }
}, 1000);
</script>
</body>
</html>
"""
