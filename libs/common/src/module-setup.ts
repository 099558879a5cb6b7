import type { FactoryProvider, InjectionToken, Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { OptionsError } from './options.js';

/** A provider that stops the start where the module is imported more than once. @param hint who brings it, for the message */
export function moduleCheck(module: () => Type, hint = ''): FactoryProvider<void> {
  return {
    provide: Symbol('gatehouse:module-check'),
    inject: [ModulesContainer],
    useFactory: (container: ModulesContainer) => refuseCopies([...container.values()], module(), hint),
  };
}

type ModuleOfNest = ModulesContainer extends Map<string, infer Module> ? Module : never;

/** @throws Error with the remedy */
function refuseCopies(modules: readonly ModuleOfNest[], module: Type, hint: string): void {
  const copies = modules.filter(({ metatype }) => metatype === module);
  if (copies.length < 2) return;
  // Nest lists a global module among the imports of every module, so the decorators are asked.
  const importers = modules.filter(({ metatype }) => importsOf(metatype).some((each) => moduleOf(each) === module));
  const by = importers.length === 0 ? '' : ` (by ${importers.map(({ metatype }) => metatype.name).join(', ')})`;
  throw new Error(
    `${module.name} is imported ${copies.length} times${by}: import it once, in the root module.${hint && ` ${hint}`}`,
  );
}

function importsOf(module: object): readonly unknown[] {
  return (Reflect.getMetadata('imports', module) ?? []) as readonly unknown[];
}

function moduleOf(imported: unknown): unknown {
  return typeof imported === 'object' && imported !== null && 'module' in imported ? imported.module : imported;
}

/**
 * What a module provides until its `forRoot` does: they stop the start where the class itself is imported, and whoever
 * asks for them is told why.
 */
export function fromForRoot(module: string, ...tokens: InjectionToken[]): FactoryProvider<never>[] {
  const useFactory = () => {
    throw new Error(`${module} is imported as it is: write ${module}.forRoot(), which takes its options.`);
  };
  return tokens.map((provide) => ({ provide, useFactory }));
}

/** The options that a module was given. @throws OptionsError if the factory of `forRootAsync` returned nothing */
export function givenOptions<T>(module: string, options: T | undefined): T {
  if (options !== undefined) return options;
  const message = 'useFactory returned nothing; return an object, which may be empty.';
  throw new OptionsError(module, [{ path: '', message }]);
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
