/** A piece of SQL with its values, which may hold other pieces. */
export class Sql {
  constructor(
    readonly parts: readonly string[],
    readonly values: readonly unknown[],
  ) {}

  /** With `$1`, `$2`, … where the values go. */
  get text(): string {
    return this.parts.reduce((text, part, index) => `${text}$${index}${part}`);
  }
}

/** Values never become part of the text, so they need no escaping. */
export function sql(strings: TemplateStringsArray, ...given: unknown[]): Sql {
  const parts = [strings[0]!];
  const values: unknown[] = [];
  const append = (text: string) => parts.push(parts.pop()! + text);
  given.forEach((value, index) => {
    if (value instanceof Sql) {
      append(value.parts[0]!);
      parts.push(...value.parts.slice(1));
      values.push(...value.values);
      append(strings[index + 1]!);
    } else {
      parts.push(strings[index + 1]!);
      values.push(value);
    }
  });
  return new Sql(parts, values);
}

export function all(conditions: readonly Sql[]): Sql {
  return conditions.reduce((left, right) => sql`${left} AND ${right}`, sql`true`);
}

/** PostgreSQL keeps no NUL in a text, so names are kept as JSON writes them. */
export function name(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
