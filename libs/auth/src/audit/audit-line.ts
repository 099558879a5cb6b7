import { inspect } from 'node:util';
import type { AuditEntry } from '../storage/audit-log.js';
import { visibleText } from './visible-text.js';

/**
 * One entry as it is logged: an object for loggers that take fields, one line for those that print. Never contains the
 * typed username, because people type their password there by mistake, nor the session that has ended. What a client has sent is quoted, and invisible
 * characters are escaped, so that nobody can forge a line or a field.
 */
export class AuditLine {
  readonly type!: string;
  readonly at!: string;

  constructor({ type, at, username, session, ...rest }: AuditEntry) {
    const known = Object.entries(rest).filter(([, value]) => value !== null);
    const visible = known.map(([name, value]) => [name, visibleText(value!)] as const);
    Object.assign(this, { type, at: new Date(at).toISOString(), ...Object.fromEntries(visible) });
  }

  toString(): string {
    const { type, ...fields } = this;
    const parts = Object.entries(fields).map(([name, value]: [string, string]) => `${name}=${quoted(value)}`);
    return [type, ...parts].join(' ');
  }

  /** Otherwise Nest's own logger would print the object on ten lines. */
  [inspect.custom](): string {
    return this.toString();
  }
}

const PLAIN = /^[\w.:/-]+$/;

function quoted(value: string): string {
  return PLAIN.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}
