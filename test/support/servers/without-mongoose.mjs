import { register } from 'node:module';

// Loaded before the reference server: whatever loads MongoDB's driver or Mongoose fails.
const hooks = `export function resolve(specifier, context, next) {
  if (/^(@nestjs\\/)?mongoose$|^mongodb$/.test(specifier)) throw new Error(specifier + ' was loaded');
  return next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
