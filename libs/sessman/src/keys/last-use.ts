import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { ApiKeyRecord } from '../storage/api-key-store.js';
import { SessmanStorage } from '../storage/sessman-storage.js';

const INTERVAL = 60_000;
const MAX_NOTED = 10_000;

/** Notes when a key was last used: at most once a minute for each key, and in no request's way. */
@Injectable()
export class LastUse implements OnModuleDestroy {
  readonly #logger = new Logger('Gatehouse');
  /** When this process last tried to write, by key: also a failed write is not repeated within the minute. */
  readonly #noted = new Map<string, number>();
  readonly #writes = new Set<Promise<void>>();

  constructor(private readonly storage: SessmanStorage) {}

  note({ id, lastUsedAt }: ApiKeyRecord, now: number): void {
    const last = Math.max(lastUsedAt ?? -Infinity, this.#noted.get(id) ?? -Infinity);
    if (last > now - INTERVAL) return;
    // Forgetting only costs a write that changes nothing.
    if (this.#noted.size >= MAX_NOTED) this.#noted.clear();
    this.#noted.set(id, now);
    const write = this.#write(id, now).finally(() => this.#writes.delete(write));
    this.#writes.add(write);
  }

  /** Resolves once the writes that have begun are over. */
  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.#writes);
  }

  async #write(id: string, now: number): Promise<void> {
    try {
      await this.storage.ask('api_keys.used', () => this.storage.keys.used(id, now, INTERVAL));
    } catch {
      // The store's own failure has been emitted by `ask`.
      this.#logger.warn(`When the API key ${id} was last used could not be written`);
    }
  }
}
