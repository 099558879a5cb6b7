import { AnonymousEviction } from './anonymous-eviction.js';
import { anonymousBytes } from '../storage/anonymous-sessions.js';
import { AnonymousShare, chargeFor } from './anonymous-share.js';
import { type Awaitable, type Client, clientOf, type ClientRequest, whenReady } from 'nest-gatehouse/common';
import type { EngineParts } from './engine-parts.js';

/**
 * Writes that add to anonymous sessions: each is charged to the share of the client's network, and followed by an
 * eviction if one is due.
 */
export class AnonymousWrites {
  readonly eviction: AnonymousEviction;
  readonly #share: AnonymousShare;

  constructor(engine: EngineParts) {
    this.#share = new AnonymousShare(engine.options, engine.clock);
    this.eviction = new AnonymousEviction(engine);
  }

  /** @throws 429 `too_many_sessions`, and whatever `insert` throws; nothing of the share is taken then */
  async create(client: ClientRequest | undefined, data: string, insert: () => Promise<void>): Promise<void> {
    const network = networkOf(client);
    const bytes = anonymousBytes(data);
    const taken = { sessions: 1, bytes: chargeFor(bytes) };
    this.#share.take(network, taken);
    try {
      await insert();
    } catch (error) {
      this.#share.giveBack(network, taken);
      throw error;
    }
    await this.eviction.added({ sessions: 1, bytes });
  }

  /**
   * @param before the data as this request read it
   * @param intended the data after this request's changes; undefined where only the store can tell
   * @throws 429 `too_many_sessions` if it grows beyond what the network may add
   */
  save<S extends { readonly data: string } | 'gone'>(
    client: ClientRequest | undefined,
    before: string,
    intended: string | undefined,
    save: () => Awaitable<S>,
  ): Awaitable<S> {
    const bytes = anonymousBytes(before);
    const charged = intended === undefined ? 0 : Math.max(0, chargeFor(anonymousBytes(intended)) - chargeFor(bytes));
    if (charged > 0) this.#share.take(networkOf(client), { sessions: 0, bytes: charged });
    return whenReady(save(), (saved) => {
      if (saved === 'gone') return saved;
      const bytesNow = anonymousBytes(saved.data);
      // Of requests that add different keys at the same time, each knows its own additions only.
      const unseen = chargeFor(bytesNow) - chargeFor(bytes) - charged;
      if (unseen > 0) this.#share.charge(networkOf(client), { sessions: 0, bytes: unseen });
      const grown = Math.max(0, bytesNow - bytes);
      return grown === 0 ? saved : whenReady(this.eviction.added({ sessions: 0, bytes: grown }), () => saved);
    });
  }
}

function networkOf(client: ClientRequest | undefined): Client['network'] {
  return client === undefined ? null : clientOf(client).network;
}
