// How a widget looks: what was chosen in the app, put on its element. By script, since no page has styles of its own.

const BARE = 35; // percent of ground below which words need a shadow of their own
const EDGE = 14; // percent of the accent that a frame shows

/** `#rrggbb` at so many percent, spelled as old browser sources know it. */
function tinted(colour, percent) {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return `rgba(${parts.join(", ")}, ${percent / 100})`;
}

export function dress(node, widget) {
  const chosen = {
    "--x": widget.x,
    "--y": widget.y,
    "--scale": widget.size / 100,
    "--text": widget.text,
    "--ground": tinted(widget.ground, widget.opacity),
    "--accent": widget.accent,
    "--edge": tinted(widget.accent, widget.opacity > 0 ? EDGE : 0),
    "--shade": widget.opacity > 0 ? 0.35 : 0,
  };
  for (const [name, value] of Object.entries(chosen)) node.style.setProperty(name, String(value));
  node.toggleAttribute("data-bare", widget.opacity < BARE);
  node.dataset.font = widget.font;
  node.dataset.side = widget.x > 50 ? "right" : "left";
  node.hidden = !widget.on;
}
