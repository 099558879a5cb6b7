import Bowser from 'bowser';

const LONGEST = 80;

/** What a person would call the device, such as `Firefox on Linux`; null where the user agent says nothing. It is the client's own word: text, never markup. */
export function deviceName(userAgent: string | null): string | null {
  if (!userAgent) return null;
  const { browser, os } = Bowser.parse(userAgent);
  const name = [browser.name, os.name].filter((part) => part !== undefined && part !== '').join(' on ');
  return name === '' ? null : name.slice(0, LONGEST);
}
