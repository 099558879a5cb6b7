/** The result of a command, for programs and for people. */
export interface Outcome {
  readonly json: object;
  readonly text: string;
}

/** With `--json` prints one document and nothing else. */
export function tell({ json, text }: Outcome, isJson: boolean): void {
  process.stdout.write(`${isJson ? JSON.stringify(json) : text}\n`);
}

/** Names and devices come from strangers, so control characters are escaped. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
}

/** Columns as wide as their widest cell; a sentence if there are no rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], whenEmpty: string): string {
  if (rows.length === 0) return whenEmpty;
  const lines = [head, ...rows.map((row) => row.map(printable))];
  const widths = head.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `name  value`, one per line. */
export function facts(values: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(values).map((name) => name.length));
  const lines = Object.entries(values).map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`);
  return lines.join('\n');
}

/** `2026-01-31 12:00`, in UTC. @param time milliseconds since the epoch, or ISO 8601 */
export function minute(time: number | string): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}
