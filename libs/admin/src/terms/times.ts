/** ISO 8601 in UTC. */
export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function isoOr(milliseconds: number | null | undefined): string | null {
  return milliseconds == null ? null : iso(milliseconds);
}
