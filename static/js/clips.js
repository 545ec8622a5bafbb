// What of a message is heard and what is shown.

function addClip(clips, url, volume) {
  if (url && !clips.some((clip) => clip.url === url)) clips.push({ url, volume: volume ?? 100 });
}

/** URLs in the order they are played: what triggers fired, then what no trigger fired. */
export function clipsOf(message) {
  const clips = [];
  for (const effect of message.effects ?? []) {
    addClip(clips, effect.sound_url, effect.volume);
    addClip(clips, effect.tts_url, effect.volume);
  }
  addClip(clips, message.sound_url, message.sound_volume ?? message.volume);
  addClip(clips, message.tts_url, message.tts_volume ?? message.volume);
  return clips;
}

/** Alerts to show: `{id, text, image, duration}`. */
export function alertsOf(message) {
  const fired = message.type === "effect" ? [message, ...(message.effects ?? [])] : (message.effects ?? []);
  const alerts = fired.filter((effect) => effect.action === "alert" && (effect.text || effect.image));
  return alerts
    .filter((alert, index) => alerts.findIndex((one) => one.trigger_id === alert.trigger_id) === index)
    .map(({ text, image, duration }) => ({ id: message.id, text: text ?? "", image, duration }));
}
