// A receipt: printed, where there is a printer to ask.

export function mount(root) {
  const button = root.querySelector("[data-print]");
  button.hidden = typeof window.print !== "function";
  button.addEventListener("click", () => window.print());
}
