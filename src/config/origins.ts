import type { Configuration, SettingName } from './settings.js';

/** A value as it was written, and where. Settings that have their default are not in it. */
export interface Origin {
  readonly text: string;
  readonly source: 'environment' | 'file';
}

export type Origins = ReadonlyMap<SettingName, Origin>;

const known = new WeakMap<Configuration, Origins>();
const NONE: Origins = new Map();

/** Beside the configuration, so that whoever passes it on need not know of it. */
export function rememberOrigins(configuration: Configuration, origins: Origins): void {
  known.set(configuration, origins);
}

/** Empty for a configuration that was not loaded, but written in code. */
export function originsOf(configuration: Configuration): Origins {
  return known.get(configuration) ?? NONE;
}
