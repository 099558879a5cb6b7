import { storeFailure, unavailable } from './store-failure.js';

/**
 * Bounds one operation in this process. The driver's own `timeoutMS` has no effect since 7.8, and a server that is
 * stopped or unreachable sends nothing that would end the wait.
 *
 * @throws StoreUnavailableError at the deadline, or instead of an error of the driver
 */
export async function beforeDeadline<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = unavailable('busy', new Error(`No answer within ${milliseconds} ms.`));
      reject(error);
      controller.abort(error);
    }, milliseconds);
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } catch (error) {
    throw storeFailure(error);
  } finally {
    clearTimeout(timer);
  }
}
