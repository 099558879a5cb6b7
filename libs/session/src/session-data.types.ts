/**
 * The values of every session, for `Session` without a type and for `req.session`. Empty until an application declares
 * its own, by declaration merging:
 *
 *     declare module 'nest-gatehouse/session/express' {
 *       interface SessionData {
 *         cart: string[];
 *       }
 *     }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- it is there to be added to
export interface SessionData {}

/** Values of any name. */
export type SessionValues = Record<string, unknown>;

/** What a session holds where no type is given. */
export type DefaultSessionData = keyof SessionData extends never ? SessionValues : SessionData;

/** Names of controls, which cannot be data. */
type ReservedName =
  'id' | 'cookie' | 'regenerate' | 'rotate' | 'destroy' | 'clear' | 'increment' | 'lock' | 'reload' | 'save' | 'touch';

/** `T` where JSON keeps it as it is; a sentence that nothing fits where it does not. */
type Kept<T> = 0 extends 1 & T
  ? T
  : unknown extends T
    ? T
    : T extends string | number | boolean | null | undefined
      ? T
      : T extends bigint | symbol | ((...args: never[]) => unknown)
        ? 'JSON cannot hold this'
        : T extends { toJSON(): unknown }
          ? 'this comes back as what its toJSON() returns: keep that'
          : { [K in keyof T]: Kept<T[K]> };

/** What the type of a session's values may be: JSON, under names that are no controls. */
export type SessionShape<T> = {
  [K in keyof T]: K extends ReservedName ? 'the name of a control of the session' : Kept<T[K]>;
};

/** The keys of `T` whose values are numbers, or unknown. */
export type NumberKey<T> = {
  [K in keyof T & string]-?: unknown extends T[K] ? K : NonNullable<T[K]> extends number ? K : never;
}[keyof T & string];
