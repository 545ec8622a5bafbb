// Who is signed in, and calls in their name.

import { keep, kept } from "../keep.js";
import { inTurn } from "./turns.js";

const TOKEN = "ttboost.token";
const OPENED_BY = "ttboost.opened_by";
const PATIENCE = 20_000; // milliseconds an answer may take
const FAREWELL = 3_000; // milliseconds whoever signs out waits for the server, at most

let token = kept("sessionStorage", TOKEN);
let openedBy = kept("sessionStorage", OPENED_BY); // the signature of the init data the token was given for

function hold(newToken, newOpenedBy) {
  [token, openedBy] = [newToken, newOpenedBy];
  keep("sessionStorage", TOKEN, token);
  keep("sessionStorage", OPENED_BY, openedBy);
}

const signatureOf = (initData) => new URLSearchParams(initData).get("hash") ?? "";

/** What the server refused. `offline`: nobody answered. */
export class Refused extends Error {
  constructor({ code, message, details }) {
    super(message);
    this.code = code;
    this.details = details ?? {};
  }

  get isStranger() {
    return ["invalid_token", "missing_token"].includes(this.code);
  }
}

const underWay = new Set(); // changes whose answer has not come

export const session = {
  changes: 0, // sent so far
  ended: 0, // how often somebody's time here has ended: what they began must not go on in another's name

  /** Resolves when no change is on its way. */
  settled: () => Promise.allSettled(underWay),

  get isOpen() {
    return Boolean(token);
  },

  /** Another account of Telegram's in the same window brings other init data: the token is not theirs. */
  isOf(initData) {
    return this.isOpen && (!initData || openedBy === signatureOf(initData));
  },

  async open(path, body) {
    this.close();
    const answer = await call(path, body);
    hold(answer.token, body.initData ? signatureOf(body.initData) : "");
  },

  /** Ends on the server too, after what was sent before; where nobody answers in time, here all the same. */
  async end() {
    const late = new Promise((resolve) => setTimeout(resolve, FAREWELL));
    await Promise.race([inTurn(() => this.settled()), late]);
    const ended = call("/devices/end-this", {}, { keepalive: true }).catch(() => {});
    await Promise.race([ended, late]);
    this.close();
  },

  close() {
    this.ended += 1;
    hold("", "");
  },
};

function headersOf(more = {}) {
  return { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...more };
}

export const offline = () => new Refused({ code: "offline", message: "" });

async function asked(path, options) {
  try {
    return await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE), ...options });
  } catch {
    throw offline();
  }
}

async function refusalOf(response) {
  const answer = await response.json().catch(() => ({}));
  return answer.error ? new Refused(answer.error) : offline();
}

/**
 * The answer of `/api`. `method`: POST where there is a body, else GET. `key`: an idempotency key.
 * `keepalive`: it goes out even where the page is being closed. `isChange`: pages say something else after it.
 */
export function call(path, body, { method = body === undefined ? "GET" : "POST", isChange = method !== "GET", ...more } = {}) {
  const answer = answerOf(path, body, { method, ...more });
  if (!isChange) return answer;
  session.changes += 1;
  underWay.add(answer);
  const done = () => underWay.delete(answer);
  answer.then(done, done);
  return answer;
}

async function answerOf(path, body, { method, key, keepalive }) {
  const options = { method, headers: headersOf(), keepalive };
  if (key) options.headers["Idempotency-Key"] = key;
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  const response = await asked(`/api${path}`, options);
  if (!response.ok) throw await refusalOf(response);
  return response.json().catch(() => Promise.reject(offline()));
}

/** What is no JSON: audio, a file. */
export async function blobOf(path, body) {
  const options = { headers: headersOf() };
  if (body !== undefined) {
    options.method = "POST";
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  const response = await asked(`/api${path}`, options);
  if (!response.ok) throw await refusalOf(response);
  return response.blob().catch(() => Promise.reject(offline())); // it may break off half way
}

/** A page as HTML: `path` is what stands behind `/app`. */
export async function viewOf(path) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  const response = await asked(`/app/view${path}`, { headers: headersOf({ "X-Time-Zone": zone }) });
  if (!response.ok) throw await refusalOf(response);
  return response.text();
}

/** Sends a file, telling how much is through (0 to 1): `fetch` cannot. */
export function upload(path, file, onProgress) {
  const { promise, resolve, reject } = deferred();
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append("file", file, file.name);
  request.open("POST", `/api${path}`);
  for (const [name, value] of Object.entries(headersOf())) request.setRequestHeader(name, value);
  request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
  request.onerror = () => reject(offline());
  request.onload = () => {
    const answer = parsed(request.responseText);
    if (answer?.success) resolve(answer);
    else reject(answer?.error ? new Refused(answer.error) : offline());
  };
  request.send(form);
  return promise;
}

function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
