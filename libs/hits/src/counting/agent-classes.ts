import Bowser from 'bowser';
import { isbot } from 'isbot';
import { nameOfAgent } from '../storage/admitted-names.js';
import { OTHER } from '../storage/hit-records.js';

/** What is known of a client by its user agent. */
export interface Agent {
  readonly family: string;
  readonly bot: boolean;
  /** Of family and kind, as they are counted. */
  readonly name: string;
  /** The same family as a bot, for a program that has an API key; null if it is one. */
  readonly asBot: Agent | null;
}

const NONE = '(none)';
const UNKNOWN = '(unknown)';
const MAX_TEXT = 512;
const MAX_FAMILY = 40;
/** User agents remembered in each of two generations. */
const MAX_REMEMBERED = 1_000;
/** The product of a program, such as `curl/8.5.0`. Browsers, and bots that look like one, begin with `Mozilla/`. */
const PRODUCT = /^(?!Mozilla\/)[\w.+-]+/;
/** `Mozilla/5.0 (compatible; Googlebot/2.1; …)` */
const COMPATIBLE = /\bcompatible; *([\w.+-]+)/;

/**
 * People or bots, and of which family. To find out takes some 50 µs, so the last user agents are remembered: a second
 * generation begins when the first is full, and what is not asked for again goes with the former.
 */
export class AgentClasses {
  #recent = new Map<string, Agent>();
  #former = new Map<string, Agent>();

  of(userAgent: string | null | undefined): Agent {
    const text = userAgent ?? '';
    const known = this.#recent.get(text);
    if (known !== undefined) return known;
    const key = text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
    const agent = this.#recent.get(key) ?? this.#former.get(key) ?? classify(key);
    if (this.#recent.size >= MAX_REMEMBERED) {
      this.#former = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(key, agent);
    return agent;
  }
}

/** All families beyond the bound. */
export function otherAgent(bot: boolean): Agent {
  return agentOf(OTHER, bot);
}

function classify(text: string): Agent {
  const bot = isbot(text);
  return agentOf(familyOf(text, bot), bot);
}

function agentOf(family: string, bot: boolean): Agent {
  const asBot = bot ? null : agentOf(family, true);
  return { family, bot, name: nameOfAgent({ family, bot }), asBot };
}

function familyOf(text: string, bot: boolean): string {
  if (text.trim() === '') return NONE;
  const product = bot ? (PRODUCT.exec(text)?.[0] ?? COMPATIBLE.exec(text)?.[1]) : undefined;
  return (
    (product ?? Bowser.parse(text).browser.name ?? PRODUCT.exec(text)?.[0] ?? UNKNOWN).slice(0, MAX_FAMILY) || UNKNOWN
  );
}
