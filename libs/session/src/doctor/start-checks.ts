import type { ResolvedSessionOptions } from '../session.options.js';
import type { SessionDoctor } from './session-doctor.js';

/** Nobody wants less; who has it means seconds. */
const LEAST_IDLE_TIME = 10_000;

/** What the options alone show. */
export function checkOptions(doctor: SessionDoctor, { idleTimeout }: ResolvedSessionOptions): void {
  checkIdleTime(doctor, 'idleTimeout', idleTimeout);
}

/** @param where the option, or what has set it */
export function checkIdleTime(doctor: SessionDoctor, where: string, milliseconds: number): void {
  if (milliseconds < LEAST_IDLE_TIME)
    doctor.found(
      'idle_time_too_short',
      `${where} is ${milliseconds} milliseconds: a session ends after this time without a request.`,
    );
}
