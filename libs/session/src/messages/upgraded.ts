const upgraded = new WeakSet<object>();

/** Marks the raw request of an upgrade: it will have no HTTP answer. */
export function markUpgraded(request: object): void {
  upgraded.add(request);
}

export function isUpgraded(request: object): boolean {
  return upgraded.has(request);
}
