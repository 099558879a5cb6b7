import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Stats } from './stats.js';

/** What is written to: a response, or anything like it. */
export interface StreamTarget {
  readonly writableNeedDrain: boolean;
  write(text: string): boolean;
  end(): unknown;
  destroy(): unknown;
}

interface Stream {
  readonly target: StreamTarget;
  missed: number;
}

const INTERVAL = 2_000;
/** So many messages in a row may find a client that has not read the one before; then it is considered gone. */
const MAX_MISSED = 15;
/** Sent in place of figures while the store does not answer, so that the connection is not taken for dead. */
const HEARTBEAT = ':\n\n';

/**
 * Sends the figures to whoever listens, every two seconds. They are made once for all of them, and not at all while
 * nobody listens.
 */
@Injectable()
export class LiveStreams implements OnModuleDestroy {
  readonly #streams = new Set<Stream>();
  #timer: NodeJS.Timeout | undefined;
  #isSending = false;
  #isClosed = false;

  constructor(private readonly stats: Stats) {}

  /** Ends all streams: their clients must find another server. For a stop that waits for its answers. */
  close(): void {
    this.#isClosed = true;
    for (const { target } of this.#streams) target.end();
    this.#streams.clear();
    this.#rest();
  }

  onModuleDestroy(): void {
    this.close();
  }

  /** Sends the present figures, then those of every two seconds. @returns a function that stops it */
  async open(target: StreamTarget): Promise<() => void> {
    const stream = { target, missed: 0 };
    const first = await this.#message();
    if (this.#isClosed) {
      target.end();
      return () => undefined;
    }
    target.write(first);
    this.#streams.add(stream);
    this.#timer ??= setInterval(() => void this.#send(), INTERVAL).unref();
    return () => {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.#rest();
    };
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      const message = await this.#message();
      for (const stream of this.#streams) this.#sendTo(stream, message);
    } finally {
      this.#isSending = false;
    }
  }

  #sendTo(stream: Stream, message: string): void {
    if (!stream.target.writableNeedDrain) {
      stream.missed = 0;
      stream.target.write(message);
    } else if (++stream.missed >= MAX_MISSED) {
      this.#streams.delete(stream);
      stream.target.destroy();
    }
  }

  async #message(): Promise<string> {
    try {
      return `data: ${JSON.stringify(await this.stats.read())}\n\n`;
    } catch {
      return HEARTBEAT;
    }
  }
}
