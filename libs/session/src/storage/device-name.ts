import Bowser from 'bowser';

const MAX_LENGTH = 80;
// The user agents of most visitors are a few hundred.
const MAX_KNOWN = 1_000;

const known = new Map<string, string | null>();

/**
 * A readable name for the device, such as `Firefox on Linux`; null if the user agent names none. It comes from the
 * client: show it as text, never as markup.
 */
export function deviceName(userAgent: string | null): string | null {
  if (!userAgent) return null;
  let name = known.get(userAgent);
  if (name === undefined) {
    name = nameOf(userAgent);
    if (known.size >= MAX_KNOWN) known.delete(known.keys().next().value!);
    known.set(userAgent, name);
  }
  return name;
}

/** The name as the filter `device` is compared with it; empty without one. */
export function deviceKey(userAgent: string | null): string {
  return deviceName(userAgent)?.toLowerCase() ?? '';
}

function nameOf(userAgent: string): string | null {
  const { browser, os } = Bowser.parse(userAgent);
  const name = [browser.name, os.name].filter((part) => part !== undefined && part !== '').join(' on ');
  return name === '' ? null : name.slice(0, MAX_LENGTH);
}
