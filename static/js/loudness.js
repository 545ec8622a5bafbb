// How loud an element is. iPhones ignore `volume` of media elements; a gain node does it there.

function hasVolume(element) {
  const before = element.volume;
  element.volume = 0.5;
  const isKept = element.volume === 0.5;
  element.volume = before;
  return isKept;
}

const byElement = {
  set: (element, share) => {
    element.volume = share;
  },
  resume: () => {},
};

function byGain(elements) {
  const context = new AudioContext();
  const gains = new Map();
  for (const element of elements) {
    const gain = context.createGain();
    context.createMediaElementSource(element).connect(gain).connect(context.destination);
    gains.set(element, gain);
  }
  return {
    set: (element, share) => {
      gains.get(element).gain.value = share;
      if (context.state !== "running") context.resume();
    },
    resume: () => context.resume(),
  };
}

export function loudnessOf(elements) {
  return hasVolume(elements[0]) ? byElement : byGain(elements);
}
