import type { FactoryProvider, InjectionToken, Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';

/** A provider that stops the start where the module is imported without `forRoot`, or more than once. */
export function moduleCheck(module: () => Type, options: InjectionToken): FactoryProvider<void> {
  return {
    provide: Symbol('gatehouse:module-check'),
    inject: [ModulesContainer],
    useFactory: (container: ModulesContainer) => checkModule([...container.values()], module(), options),
  };
}

type ModuleOfNest = ModulesContainer extends Map<string, infer Module> ? Module : never;

/** @throws Error with the remedy */
function checkModule(modules: readonly ModuleOfNest[], module: Type, options: InjectionToken): void {
  const { name } = module;
  const copies = modules.filter(({ metatype }) => metatype === module);
  if (copies.some(({ providers }) => !providers.has(options))) throw withoutForRoot(name);
  if (copies.length < 2) return;
  const importers = modules.filter(({ imports, isGlobal }) => !isGlobal && copies.some((copy) => imports.has(copy)));
  const names = importers.map(({ metatype }) => metatype.name).join(', ');
  throw new Error(`${name} is imported ${copies.length} times (by ${names}): import it once, in the root module.`);
}

/** What `forRoot` was given. @throws Error if there is nothing, because the class itself was imported */
export function givenOptions<T>(module: string, options: T | undefined): T {
  if (options === undefined) throw withoutForRoot(module);
  return options;
}

function withoutForRoot(module: string): Error {
  return new Error(`${module} is imported as it is: write ${module}.forRoot(), which takes its options.`);
}

/**
 * The token by which a module shows that it is there. Nest prints it where it is missing, at the first provider of whoever
 * needs the module: so it is the remedy.
 */
export const presenceOf = (module: string) => `${module}.forRoot() in the imports of the root module`;

/** Put first in a module that needs others, so that Nest misses these and not one of their parts. */
export function needs(module: string, ...others: readonly string[]): FactoryProvider<boolean> {
  return { provide: module, inject: others.map(presenceOf), useFactory: () => true };
}
