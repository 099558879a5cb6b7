/** Writes are alone; reads are with each other. All in the order in which they came. */
export class Turns {
  /** Done once all that has come before is done. */
  #last: Promise<unknown> = Promise.resolve();
  #lastWrite: Promise<unknown> = Promise.resolve();

  write<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = this.#lastWrite = settled(turn);
    return turn;
  }

  read<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastWrite.then(work);
    this.#last = Promise.all([this.#last, settled(turn)]);
    return turn;
  }
}

function settled(turn: Promise<unknown>): Promise<unknown> {
  return turn.catch(() => undefined);
}
