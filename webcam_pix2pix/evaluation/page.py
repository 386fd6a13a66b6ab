"""The pages of a test and of a training run: one look, everything in one file, readable from disk."""

from html import escape

STYLE = """
body{margin:0 auto;max-width:1400px;padding:24px;background:#1e1f22;color:#d8d9db;font:15px/1.5 system-ui,sans-serif}
h1{font-size:22px;margin:0 0 4px}h2{font-size:16px;margin:28px 0 8px;color:#e0a458}a{color:#6aa9d8}
small,.quiet{color:#9a9ca1}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
td,th{padding:4px 8px;text-align:left;vertical-align:top;border-bottom:1px solid #36383d}th button{all:unset;cursor:pointer;font-weight:600}
th button:focus-visible,input:focus-visible{outline:2px solid #e0a458}img{max-width:100%;image-rendering:auto;border-radius:3px}
td img{width:256px;display:block}svg{width:100%;max-width:640px;background:#26282c;border-radius:4px;margin:0 12px 12px 0}
svg text{fill:#9a9ca1;font:11px ui-monospace,monospace}svg .n{text-anchor:end}svg .t{fill:#d8d9db;font-size:12px}
svg polyline{fill:none;stroke-width:1.5}svg .g{stroke:#3a3c42}input[type=range]{width:100%;accent-color:#e0a458}
input{background:#26282c;color:#d8d9db;border:1px solid #4a4c52;border-radius:3px;padding:3px 6px}
pre{background:#26282c;padding:12px;border-radius:4px;overflow:auto;font-size:12px}
"""


def page(title: str, body: str, script: str = "") -> str:
    """A whole HTML document; `title` is escaped, `body` and `script` are not."""
    return (f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>{escape(title)}</title><style>{STYLE}</style>\n<body><h1>{escape(title)}</h1>\n{body}\n"
            + (f"<script>{script}</script>\n" if script else "") + "</body></html>\n")
