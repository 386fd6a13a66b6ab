"""The page of the phone remote, and how it looks. It works in the hand, upright and on its side, and loads nothing from elsewhere."""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="theme-color" content="#17181a">
<meta name="mobile-web-app-capable" content="yes">
<title>webcam-pix2pix</title>
<link rel="stylesheet" href="/remote.css">
<link rel="icon" href="data:,">
<script src="/remote.js" defer></script>
</head>
<body>
<main>
<section id="stage">
<img id="live" alt="the live painting">
<p id="status" role="status">Connecting…</p>
<div id="actions"></div>
</section>
<section id="controls">
<div id="presets"></div>
<div id="pins"></div>
</section>
</main>
<p id="lost" role="alert" hidden>No connection to the show. Trying again…</p>
</body>
</html>
"""

STYLE = """
:root { color-scheme: dark; --back: #17181a; --card: #232528; --line: #3a3d42; --text: #e4e4e2; --quiet: #9a9da3; --accent: #4fa3c7;
  --red: #d9604c; }
* { box-sizing: border-box; -webkit-tap-highlight-color: transparent; }
[hidden] { display: none !important; }
html { background: var(--back); color: var(--text); font: 16px/1.35 system-ui, sans-serif; overscroll-behavior: none; }
body { margin: 0; padding: env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left); }
main { padding: 8px; display: grid; gap: 8px; max-width: 1200px; margin: 0 auto; }
#stage { position: sticky; top: 0; z-index: 1; background: var(--back); padding: 4px 0 6px; align-self: start; }
#live { display: block; width: 100%; height: 26vh; object-fit: contain; background: #000; border-radius: 8px; }
#status { margin: 4px 2px 6px; font-size: 13px; color: var(--quiet); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
#actions { display: grid; grid-template-columns: repeat(auto-fit, minmax(76px, 1fr)); gap: 6px; }
button { font: inherit; font-size: 14px; color: var(--text); background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  min-height: 48px; padding: 4px; touch-action: manipulation; user-select: none; -webkit-user-select: none; overflow: hidden; }
button:active { background: var(--line); }
button.pin .fill { display: none; }
button[aria-pressed=true] { background: var(--accent); border-color: var(--accent); color: #0c1216; font-weight: 600; }
button.alarm { border-color: var(--red); }
button.alarm[aria-pressed=true] { background: var(--red); border-color: var(--red); }
#presets { display: grid; grid-template-columns: repeat(auto-fill, minmax(84px, 1fr)); gap: 6px; margin-bottom: 8px; }
#presets:empty { display: none; }
#presets button { padding: 0 0 4px; }
#presets img { display: block; width: 100%; aspect-ratio: 1; object-fit: cover; margin-bottom: 4px; }
#presets span { display: block; padding: 0 4px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; font-size: 13px; }
#presets button:not(:has(img)) { padding: 4px; }
#pins { display: grid; gap: 8px; }
.pin { position: relative; height: 60px; border-radius: 8px; background: var(--card); border: 1px solid var(--line); overflow: hidden;
  display: flex; align-items: center; justify-content: space-between; gap: 8px; padding: 0 14px; touch-action: pan-y;
  user-select: none; -webkit-user-select: none; cursor: pointer; width: 100%; text-align: left; font-size: 16px; }
.pin .fill { position: absolute; inset: 0 auto 0 0; width: 0; background: var(--accent); opacity: .45;
  border-right: 3px solid var(--text); }
.pin .name, .pin .value { position: relative; pointer-events: none; }
.pin .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.pin .value { font-family: ui-monospace, monospace; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
.pin select { position: relative; font: inherit; min-height: 44px; max-width: 60%; color: var(--text); background: var(--back);
  border: 1px solid var(--line); border-radius: 6px; }
.pin:focus-visible, button:focus-visible { outline: 3px solid var(--text); outline-offset: -3px; }
#lost { position: fixed; inset: auto 8px calc(8px + env(safe-area-inset-bottom)) 8px; margin: 0; padding: 14px; border-radius: 8px;
  background: var(--red); color: #1a0d0a; font-weight: 600; text-align: center; z-index: 2; }
@media (orientation: landscape) {
  main { grid-template-columns: minmax(220px, 42%) 1fr; }
  #live { height: 46vh; }
  #actions { grid-template-columns: repeat(auto-fit, minmax(76px, 1fr)); }
  button { min-height: 42px; font-size: 12.5px; }
}
"""
