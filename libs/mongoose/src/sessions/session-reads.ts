import { frozenRecord, type SessionRecord } from 'nest-gatehouse/session/storage';
import type { SessionDocument } from '../schema/session.schema.js';
import type { Runner } from '../database/operation.js';
import { aliveAmong, toRecord } from './session-document.js';

interface Reader {
  readonly resolve: (record: SessionRecord | null) => void;
  readonly reject: (reason: unknown) => void;
}

// The driver's size of a first batch is 101 documents: so many come with one command.
const MAX_TOGETHER = 100;
const BY_HANDLE = { _id: 1 } as const;

/**
 * Reads the sessions that are asked for within one turn of the event loop by one command: a command costs the driver and
 * the server more than a document. Each reads what is stored after it has asked.
 */
export class SessionReads {
  #waiting = new Map<string, Reader[]>();

  /** @param now milliseconds since the epoch */
  constructor(
    private readonly database: Runner,
    private readonly now: () => number,
  ) {}

  /** Null if there is no live session with this handle. @throws StoreUnavailableError */
  read(handle: string): Promise<SessionRecord | null> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) setImmediate(() => this.#readAll());
      const reader = { resolve, reject };
      const readers = this.#waiting.get(handle);
      if (readers) readers.push(reader);
      else this.#waiting.set(handle, [reader]);
    });
  }

  #readAll(): void {
    const all = [...this.#waiting];
    this.#waiting = new Map();
    for (let at = 0; at < all.length; at += MAX_TOGETHER) void this.#readTogether(all.slice(at, at + MAX_TOGETHER));
  }

  /** Never rejects. */
  async #readTogether(asked: readonly (readonly [handle: string, readers: Reader[]])[]): Promise<void> {
    try {
      const found = await this.#find(asked.map(([handle]) => handle));
      for (const [handle, readers] of asked) answer(readers, found.get(handle));
    } catch (reason) {
      for (const [, readers] of asked) for (const { reject } of readers) reject(reason);
    }
  }

  async #find(handles: readonly string[]): Promise<ReadonlyMap<string, SessionDocument>> {
    const living = aliveAmong(handles, this.now());
    const documents = await this.database.run(({ sessions }, within) =>
      handles.length === 1
        ? sessions.findOne(living, within).then((document) => (document ? [document] : []))
        : sessions.find(living, { hint: BY_HANDLE, ...within }).toArray(),
    );
    return new Map(documents.map((document) => [document._id, document]));
  }
}

/** A document that is damaged fails its own readers only. */
function answer(readers: readonly Reader[], document: SessionDocument | undefined): void {
  try {
    const record = document ? frozenRecord(toRecord(document)) : null;
    for (const { resolve } of readers) resolve(record);
  } catch (reason) {
    for (const { reject } of readers) reject(reason);
  }
}
