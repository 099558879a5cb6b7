import { z } from 'zod';

export interface OptionNames {
  /** Names that people know from other libraries, or expect here: what to write instead, as the end of a sentence. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

/** An object of options without any others. The error of one that is not known says what may be meant. */
export function optionsObject<T extends z.ZodRawShape>(shape: T, { elsewhere = {} }: OptionNames = {}) {
  const known = Object.keys(shape);
  const unknown = z.custom<never>(() => false, {
    error: ({ path }) => unknownOption(String(path?.at(-1)), known, elsewhere),
  });
  return z.object(shape).catchall(unknown) as unknown as z.ZodObject<T, z.core.$strict>;
}

function unknownOption(name: string, known: readonly string[], elsewhere: Readonly<Record<string, string>>): string {
  if (Object.hasOwn(elsewhere, name)) return `is not an option here; ${elsewhere[name]}`;
  const meant = nearest(name, known);
  return meant ? `is not an option; did you mean ${meant}?` : `is not an option; there are ${known.join(', ')}`;
}

/** The name that is the least changes away, if these are few for its length. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((each) => ({ each, changes: changesBetween(plain(name), plain(each)) }))
    .filter(({ each, changes }) => changes <= Math.min(3, Math.floor(each.length / 3)))
    .sort((a, b) => a.changes - b.changes);
  return best?.each;
}

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** How many letters have to be put in, left out or replaced to make one of the other. */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
