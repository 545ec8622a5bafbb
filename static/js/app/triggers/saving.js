// Saving one trigger, whatever became of it meanwhile: changed or deleted elsewhere, or saved already by a try
// whose answer got lost.

import { confirmed } from "../notes.js";
import { call } from "../session.js";

const stored = async (made) => (await call("/triggers", made)).trigger;

/** What is sent and what came back may differ in the kind of a value, and by what need not be said. */
function isSame(made, trigger) {
  const params = Object.entries(trigger.action_params).every(([name, value]) => made.action_params[name] === value);
  const plain = Object.entries(made).filter(([name]) => name !== "action_params" && name !== "name");
  const told = ([name, value]) => JSON.stringify(value) === JSON.stringify(trigger[name]);
  return params && made.name.trim() === trigger.name && plain.every(told);
}

export class Saving {
  #words;
  #newest; // id: whatever is newer was made since the editor was opened
  #isUnsure = false; // whether the last try came through

  constructor(words, newest) {
    [this.#words, this.#newest] = [words, newest];
  }

  /** The saved trigger; undefined where what was done meanwhile is to stay. `made`: as `/triggers/set` takes it. */
  async keep(made) {
    const { version: _version, ...mine } = made;
    const { id, ...anew } = mine;
    const there = this.#isUnsure && id === undefined && (await this.#find(anew));
    if (there) return there;
    try {
      return await stored(made);
    } catch (error) {
      this.#isUnsure = error.code === "offline";
      if (error.code === "trigger_changed") return this.#ask("changed", mine);
      if (error.code === "not_found" && id !== undefined) return this.#ask("deleted", anew);
      throw error;
    }
  }

  async #ask(what, made) {
    const isWanted = await confirmed(this.#words[`${what}_ask`], this.#words[`${what}_yes`]);
    return isWanted ? stored(made) : undefined;
  }

  async #find(made) {
    const { triggers } = await call("/triggers");
    return triggers.find((trigger) => trigger.id > this.#newest && isSame(made, trigger));
  }
}
