import { Controller, type Type } from '@nestjs/common';

/** The same controller at another path. */
export function controllerAt(controller: Type<object>, ...path: string[]): Type<object> {
  const moved = { [controller.name]: class extends controller {} }[controller.name]!;
  Controller(path.join('/'))(moved);
  return moved;
}
