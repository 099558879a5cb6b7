import { inspect } from 'node:util';
import type { AuditEntry } from '../storage/audit-log.js';
import { visibleText } from './visible-text.js';

/**
 * One entry as the log has it: an object for loggers that take fields, one line for those that print. Never the typed username: people type their
 * password there. What a client has sent is quoted, and invisible characters are written out: nobody adds a line, or a field, of their own.
 */
export class AuditLine {
  readonly type!: string;
  readonly at!: string;

  constructor({ type, at, username, ...rest }: AuditEntry) {
    const told = Object.entries(rest).filter(([, value]) => value !== null);
    const visible = told.map(([name, value]) => [name, visibleText(value!)] as const);
    Object.assign(this, { type, at: new Date(at).toISOString(), ...Object.fromEntries(visible) });
  }

  toString(): string {
    const { type, ...fields } = this;
    const parts = Object.entries(fields).map(([name, value]: [string, string]) => `${name}=${quoted(value)}`);
    return [type, ...parts].join(' ');
  }

  /** Nest's own logger would print an object over ten lines. */
  [inspect.custom](): string {
    return this.toString();
  }
}

const PLAIN = /^[\w.:/-]+$/;

function quoted(value: string): string {
  return PLAIN.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}
