import { isExcluded } from 'nest-gatehouse/common';
import type { SessionEngine } from '../engine/session-engine.js';
import { defineSessionAccessors, LIFE } from '../request/request-slot.js';
import { RequestSession } from '../request/request-session.js';
import type { Handshake, SocketConnection } from './socket-connection.js';

/**
 * A message on a socket, or an operation of GraphQL on one, and its session: read from the store when the message
 * arrives, saved before its answer leaves. A session's values on a socket are never older than the message.
 */
export class SocketMessage {
  /** Stands for the message as a request does for its handler: the handshake, with a session of this message's own. */
  readonly request: Handshake;
  /** Whether the handler is to run under the session's lock. */
  wantsLock = false;
  /** Whether a handler has run, and none does now. */
  isOver = false;
  #opening: Promise<void> | undefined;
  #saving: Promise<void> = Promise.resolve();
  #running = 0;

  constructor(readonly connection: SocketConnection) {
    const slot = { [LIFE]: { value: null, writable: true, configurable: true } };
    this.request = Object.create(connection.request, slot) as Handshake;
    defineSessionAccessors(this.request);
  }

  /** Opens the session, once. Never rejects: an error of the store is thrown when the session is used. */
  open(engine: SessionEngine): Promise<void> {
    return (this.#opening ??= this.#open(engine));
  }

  async #open(engine: SessionEngine): Promise<void> {
    if (isExcluded(engine.options.exclude, this.request.url ?? '')) return;
    const life = new RequestSession(engine, this.request);
    life.state.trail = this.connection.trail;
    await life.open();
    this.request[LIFE] = life;
  }

  get isOpened(): boolean {
    return this.#opening !== undefined;
  }

  /** Whether a handler runs now. */
  get isRunning(): boolean {
    return this.#running > 0;
  }

  get life(): RequestSession | null {
    return this.request[LIFE] ?? null;
  }

  /** A handler is about to run; an operation of GraphQL has one for each of its fields. @throws 503 `lock_timeout` */
  async begin(): Promise<void> {
    this.#running += 1;
    const { life } = this;
    if (life === null || life.record === null) return;
    if (this.wantsLock || life.locksByItself) await life.takeLock();
  }

  /** Saves what has changed so far, one save at a time. @param status as that of an HTTP answer. @throws ProblemException */
  save(status: number): Promise<void> {
    const saved = this.#saving.then(() => this.#save(status));
    this.#saving = saved.catch(() => undefined);
    return saved;
  }

  async #save(status: number): Promise<void> {
    const answer = await this.life?.commit(status);
    if (answer?.problem) throw answer.problem;
  }

  /** A handler has run. Never rejects. */
  async end(): Promise<void> {
    this.#running -= 1;
    if (this.#running > 0) return;
    this.isOver = true;
    await this.life?.finish(false);
  }
}
