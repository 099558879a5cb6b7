import { lacksRoom } from '../driver/sqlite-fault.js';

const SMALLER = 8;

/** Takes away as many at once as there is room for in the log, and at least one. @param limit how many would be best */
export async function inSmallerSteps<T>(limit: number, step: (limit: number) => Promise<T>): Promise<T> {
  for (let some = limit; ; some = Math.ceil(some / SMALLER)) {
    try {
      return await step(some);
    } catch (error) {
      if (some <= 1 || !lacksRoom(error)) throw error;
    }
  }
}
