// How things stand, in words: what a streamer reads first, and what to do about it.

const CLOSED = { 4400: "no_username", 4401: "link_over", 4403: "no_license", 4409: "replaced", 4429: "slow_down" };
const LIVE = { live: "live", waiting: "waiting", connecting: "joining", failed: "failed", off: "off" };
const TONES = { live: "live", waiting: "calm", ready: "calm", joining: "calm", connecting: "calm", off: "calm" };
const ACTIONS = { replaced: "take", off: "listen" };

function nameOf(connection, status) {
  if (connection.code in CLOSED) return CLOSED[connection.code];
  if (connection.state === "open" && status) return LIVE[status.state] ?? "connecting";
  if (!navigator.onLine) return "offline";
  return connection.attempt > 1 ? "unreachable" : "connecting";
}

/** `{name, tone, action}`; the words are under `situation.NAME` of the texts. */
export function situationOf(connection, status, isStarted) {
  const found = nameOf(connection, status);
  // A player that starts also starts the LIVE.
  const name = found === "off" && !isStarted ? "ready" : found;
  const action = name === "off" && !status.username ? null : (ACTIONS[name] ?? null);
  return { name, tone: TONES[name] ?? "trouble", action };
}
