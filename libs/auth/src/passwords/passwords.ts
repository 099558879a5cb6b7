import { Injectable } from '@nestjs/common';
import type { HashFlow } from './hash-flow.js';
import { HashQueue } from './hash-queue.js';
import { PasswordHasher } from './password-hasher.js';
import type { HashedPassword } from './stored-hash.js';

/** Hashes and checks passwords, each in a turn of the queue. */
@Injectable()
export class Passwords {
  constructor(
    private readonly queue: HashQueue,
    private readonly hasher: PasswordHasher,
  ) {}

  /** @param flow who the hash is for; default: this application itself. @throws ProblemException 503 `busy` */
  hash(password: string, flow?: HashFlow): Promise<HashedPassword> {
    return this.queue.run(() => this.hasher.hash(password), flow);
  }

  /** Runs `work` in one turn, whatever it hashes and checks. @throws ProblemException 503 `busy` */
  inTurn<T>(flow: HashFlow, work: (hasher: PasswordHasher) => Promise<T>): Promise<T> {
    return this.queue.run(() => work(this.hasher), flow);
  }
}
