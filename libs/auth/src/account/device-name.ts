import Bowser from 'bowser';

const MAX_LENGTH = 80;

/**
 * A readable name for the device, such as `Firefox on Linux`; null if the user agent names none. It comes from the
 * client: show it as text, never as markup.
 */
export function deviceName(userAgent: string | null): string | null {
  if (!userAgent) return null;
  const { browser, os } = Bowser.parse(userAgent);
  const name = [browser.name, os.name].filter((part) => part !== undefined && part !== '').join(' on ');
  return name === '' ? null : name.slice(0, MAX_LENGTH);
}
