/** A value in a session that JSON cannot hold. */
export class NotJsonError extends TypeError {
  /** @param path where it is, such as `cart.items[2]` */
  constructor(
    readonly path: string,
    readonly reason: string,
  ) {
    super(
      `The session value ${JSON.stringify(path)} ${reason}, which JSON cannot hold; keep strings, finite numbers, booleans, null, arrays and plain objects.`,
    );
    this.name = 'NotJsonError';
  }
}

/** A value that is nested so deeply that databases could not read it. */
export class TooDeepError extends RangeError {
  constructor(readonly key: string) {
    super(`The session value ${JSON.stringify(key)} is nested more than ${MAX_DEPTH} levels deep.`);
    this.name = 'TooDeepError';
  }
}

/** SQLite reads JSON of 1000 levels. */
export const MAX_DEPTH = 500;

/** Boxed values come back as what they hold. */
const BOXED = new Set(['Number', 'String', 'Boolean']);
const IDENTIFIER = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

/**
 * Throws if a value would come back from JSON as something else: `JSON.stringify` turns a Map into `{}` and NaN into
 * null, and leaves functions out. `undefined` in an object counts as absent. Whatever has `toJSON`, such as a Date,
 * decides itself what is kept of it. @throws NotJsonError, TooDeepError
 */
export function requireJson(value: unknown, key: string): void {
  if (value !== undefined) new JsonCheck(key).check(value);
}

class JsonCheck {
  readonly #path: (string | number)[];
  /** The objects that contain the current value. */
  readonly #above: object[] = [];

  constructor(key: string) {
    this.#path = [key];
  }

  check(value: unknown): void {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return;
      case 'number':
        if (!Number.isFinite(value)) this.#refuse(`is ${value}`);
        return;
      case 'undefined':
        return this.#refuse('is undefined');
      case 'object':
        if (value !== null && !hasToJson(value)) this.#checkObject(value);
        return;
      case 'bigint':
      case 'function':
      case 'symbol':
        this.#refuse(`is a ${typeof value}`);
    }
  }

  #checkObject(value: object): void {
    if (this.#above.includes(value)) this.#refuse('contains itself');
    if (this.#above.length >= MAX_DEPTH) throw new TooDeepError(String(this.#path[0]));
    this.#above.push(value);
    if (Array.isArray(value)) this.#checkArray(value);
    else this.#checkFields(value);
    this.#above.pop();
  }

  #checkArray(value: readonly unknown[]): void {
    for (let at = 0; at < value.length; at++) this.#checkAt(at, value[at]);
    const extra = Object.keys(value)[value.length];
    if (extra !== undefined) this.#refuse(`is an array with the property ${JSON.stringify(extra)}`);
  }

  #checkFields(value: object): void {
    const keys = Object.keys(value);
    this.#requirePlain(value, keys.length === 0);
    for (const key of keys) {
      const item: unknown = value[key as keyof typeof value];
      if (item !== undefined) this.#checkAt(key, item);
    }
  }

  #checkAt(key: string | number, item: unknown): void {
    this.#path.push(key);
    this.check(item);
    this.#path.pop();
  }

  /** Refuses an object whose content JSON does not see. */
  #requirePlain(value: object, isEmpty: boolean): void {
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === null || prototype === Object.prototype) return;
    const tag = Object.prototype.toString.call(value).slice('[object '.length, -1);
    if (BOXED.has(tag)) return;
    if (tag !== 'Object') this.#refuse(`is a ${tag}`);
    // A plain object of another realm has such a prototype, too.
    const isPlain = Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty');
    if (isEmpty && !isPlain) this.#refuse('is an object of a class, without values of its own');
  }

  #refuse(reason: string): never {
    throw new NotJsonError(textOf(this.#path), reason);
  }
}

function hasToJson(value: object): boolean {
  return typeof (value as { readonly toJSON?: unknown }).toJSON === 'function';
}

/** Such as `cart.items[2]["unit price"]`. The first key is always written as it is. */
function textOf([first, ...rest]: readonly (string | number)[]): string {
  const steps = rest.map((key) =>
    typeof key === 'string' && IDENTIFIER.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
  );
  return `${first}${steps.join('')}`;
}
