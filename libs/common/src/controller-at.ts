import { Controller, type Type } from '@nestjs/common';

/** The same controller at another path. */
export function controllerAt(controller: Type<object>, ...path: string[]): Type<object> {
  const moved = { [controller.name]: class extends controller {} }[controller.name]!;
  // Not all of it would be inherited: who may call a controller is said on the class itself.
  for (const key of Reflect.getOwnMetadataKeys(controller) as string[])
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, controller), moved);
  Controller(path.join('/'))(moved);
  return moved;
}
