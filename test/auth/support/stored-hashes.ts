import { createHmac } from 'node:crypto';
import bcrypt from 'bcrypt';
import type { Pepper } from 'nest-gatehouse/auth';

export const OLD_PEPPER: Pepper = { id: 'old', secret: 'an old pepper of enough characters' };
export const NEW_PEPPER: Pepper = { id: 'new', secret: 'a new pepper with enough characters' };

/** What goes into bcrypt in a hash of ours. */
export function digest(password: string, pepper?: Pepper): string {
  return createHmac('sha384', pepper?.secret ?? '')
    .update(password.normalize('NFC'))
    .digest('base64');
}

/** A hash as we store it. */
export async function hashOfOurs(password: string, cost: number, pepper?: Pepper) {
  return { passwordHash: await bcrypt.hash(digest(password, pepper), cost), pepperId: pepper?.id ?? '' };
}

/** A hash as any other program that uses bcrypt stores it. */
export async function plainHash(password: string, cost: number, minor = 'b') {
  const hash = await bcrypt.hash(password, cost);
  return { passwordHash: hash.replace('$2b$', `$2${minor}$`), pepperId: null };
}
