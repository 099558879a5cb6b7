import { randomBytes } from 'node:crypto';

/**
 * Where the library gets its randomness: handles, secrets, lease owners. Must be a CSPRNG outside tests (OWASP ASVS
 * 5.0, 7.2.3).
 */
export abstract class Randomness {
  abstract bytes(count: number): Buffer;
}

export class SystemRandomness extends Randomness {
  override bytes(count: number): Buffer {
    return randomBytes(count);
  }
}
