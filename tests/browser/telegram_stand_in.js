// As much of Telegram's script as the page asks for, and what it was asked.
window.asked = [];
// A reload may have lost the address it was opened with: the real one keeps it, too.
if (location.hash.includes("tgWebAppData")) sessionStorage.setItem("opened", location.hash.slice(1));
const opened = new URLSearchParams(sessionStorage.getItem("opened") ?? "");
const theme = JSON.parse(opened.get("tgWebAppThemeParams") || "{}");
for (const [name, color] of Object.entries(theme)) {
  document.documentElement.style.setProperty(`--tg-theme-${name.replaceAll("_", "-")}`, color);
}
window.Telegram = {
  WebApp: {
    initData: opened.get("tgWebAppData") || "",
    colorScheme: theme.bg_color === "#17212b" ? "dark" : "light",
    ready: () => asked.push("ready"),
    expand: () => asked.push("expand"),
    close: () => asked.push("close"),
    onEvent: (name, heard) => {
      asked.push(name);
      window.heard_by_telegram = { ...window.heard_by_telegram, [name]: heard };
    },
    isVersionAtLeast: () => true,
    BackButton: {
      onClick: (heard) => (window.press_back = heard),
      show: () => asked.push("back shown"),
      hide: () => asked.push("back hidden"),
    },
    HapticFeedback: { notificationOccurred: (kind) => asked.push(`haptic ${kind}`) },
    enableClosingConfirmation: () => asked.push("closing guarded"),
    disableClosingConfirmation: () => asked.push("closing free"),
    openInvoice: (url, told) => {
      asked.push(`invoice ${url}`);
      window.tell_invoice = told;
    },
    openTelegramLink: (url) => asked.push(`link ${url}`),
  },
};
