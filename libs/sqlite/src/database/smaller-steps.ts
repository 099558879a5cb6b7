import { lacksRoom } from '../driver/sqlite-fault.js';

const SMALLER = 8;

/** Deletes as many at once as the log has room for, and at least one. @param limit how many to try first */
export async function inSmallerSteps<T>(limit: number, step: (limit: number) => Promise<T>): Promise<T> {
  for (let some = limit; ; some = Math.ceil(some / SMALLER)) {
    try {
      return await step(some);
    } catch (error) {
      if (some <= 1 || !lacksRoom(error)) throw error;
    }
  }
}
