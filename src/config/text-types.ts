import { isIP } from 'node:net';
import { basePath, BASE_PATH_HELP, byteSize, byteSizeOrZero, duration } from 'nest-gatehouse/common';
import proxyAddr from 'proxy-addr';
import { z } from 'zod';

/** Parses one value of the environment. If it does not fit, the message is `help`, never the value itself. */
function reader<T>(read: (text: string) => T | undefined, help: string) {
  return z.string().transform((text, context): T => {
    const value = read(text);
    if (value !== undefined) return value;
    context.issues.push({ code: 'custom', message: help, input: text });
    return z.NEVER;
  });
}

function matching<T>(type: z.ZodType<T>) {
  return (text: string) => type.safeParse(text).data;
}

const DURATION_HELP = 'expected a duration above zero, such as 500ms, 2s, 30m, 12h or 90d';

export const durationText = reader(matching(duration), DURATION_HELP);

export const durationTextOrFalse = reader(
  (text) => (text === 'false' ? false : matching(duration)(text)),
  `${DURATION_HELP}, or false for never`,
);

/** A duration, or a bare number of seconds. */
export const secondsText = reader(
  (text) => matching(duration)(/^\d+$/.test(text) ? `${text}s` : text),
  'expected a duration above zero: seconds, such as 86400, or 30m, 12h, 90d',
);

export const byteSizeText = reader(matching(byteSize), 'expected a number of bytes above zero, such as 65536 or 64kb');

export const byteSizeOrZeroText = reader(
  matching(byteSizeOrZero),
  'expected a number of bytes, such as 65536 or 64kb, or 0 for no bound',
);

export const booleanText = reader(
  matching(z.stringbool({ truthy: ['true'], falsy: ['false'], case: 'sensitive' })),
  'expected true or false',
);

export const basePathText = reader(matching(basePath), BASE_PATH_HELP);

export const mongodbUriText = reader(
  (text) => (/^mongodb(\+srv)?:\/\/[^/?]/.test(text) ? text : undefined),
  'expected mongodb://HOST:PORT/DATABASE or mongodb+srv://NAME/DATABASE',
);

export const secureText = reader(
  (text) => (text === 'auto' ? 'auto' : matching(booleanText)(text)),
  'expected true, false or auto (secure whenever the request came over HTTPS)',
);

export const cookieNameText = reader(
  (text) => (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/.test(text) ? text : undefined),
  'expected a cookie name: at most 64 letters, digits, hyphens or underscores',
);

export const metricsTokenText = reader(
  (text) => (/^\S{16,}$/.test(text) ? text : undefined),
  'expected at least 16 characters without blanks, made by `openssl rand -base64 32`',
);

export const portText = reader(
  (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined),
  'expected a port from 0 to 65535; 0 takes a free one',
);

/** A whole number within bounds. */
export function countText(least: number, most: number, help: string) {
  const read = (text: string) => (/^\d{1,9}$/.test(text) ? Number(text) : Number.NaN);
  return reader((text) => (read(text) >= least && read(text) <= most ? read(text) : undefined), help);
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i;

export const hostText = reader((text) => {
  const host = text.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) !== 0 || HOST_NAME.test(host) ? host : undefined;
}, 'expected a host name or an IP address to listen on, such as localhost, 0.0.0.0 or ::1');

export function oneOf<const T extends readonly string[]>(...words: T) {
  const help = `expected ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  return reader((text) => words.find((word): word is T[number] => word === text), help);
}

/**
 * Whether the proxy at `hop` (0: the one that connected to us) is trusted to forward its client's address. `false`:
 * none is.
 */
export type ProxyTrust = false | ((address: string, hop: number) => boolean);

function readTrust(text: string): ProxyTrust | undefined {
  if (text === 'false' || text === '0') return false;
  if (/^\d{1,3}$/.test(text)) return (_address, hop) => hop < Number(text);
  try {
    return proxyAddr.compile(text.split(',').map((part) => part.trim()));
  } catch {
    return undefined;
  }
}

export const proxyTrustText = reader(
  readTrust,
  'expected false, the number of proxies in front of this server, or their addresses: loopback, linklocal, uniquelocal, IP addresses and CIDR ranges, comma-separated',
);
