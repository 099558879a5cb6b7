import { z } from 'zod';

export interface SettingDocumentation {
  readonly description: string;
  /** The default as one would write it, or in words if it depends on other settings. */
  readonly fallback: string;
}

/** The default and the meaning of every setting. */
export const documentation = z.registry<SettingDocumentation, z.ZodType>();

/** @param fallback the default as one would write it, or that of an option */
export function setting<T extends z.ZodType<unknown, string>>(
  type: T,
  fallback: string | number | boolean,
  description: string,
): z.ZodPrefault<T> {
  const text = String(fallback);
  const schema = z.prefault(type, text as z.input<T>);
  documentation.add(schema, { description, fallback: text });
  return schema;
}

export function optional<T extends z.ZodType<unknown, string>>(
  type: T,
  fallback: string,
  description: string,
): z.ZodOptional<T> {
  const schema = z.optional(type);
  documentation.add(schema, { description, fallback });
  return schema;
}
