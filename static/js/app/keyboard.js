// A phone's keyboard. iOS lays it over the page and tells nobody but the visual viewport.

const LEAST = 120; // pixels; less is a bar of the browser's
const root = document.documentElement;
const viewport = window.visualViewport;

function measure() {
  const isZoomed = viewport.scale > 1.01;
  const covered = isZoomed ? 0 : Math.round(innerHeight - viewport.height - viewport.offsetTop);
  root.style.setProperty("--keyboard", `${covered > LEAST ? covered : 0}px`);
  root.toggleAttribute("data-typing", covered > LEAST);
}

viewport?.addEventListener("resize", measure);
viewport?.addEventListener("scroll", measure);
