import { All, Controller, Param, Req, Res, type Type } from '@nestjs/common';
import type { Session } from 'nest-gatehouse/session';

/** What Express and Fastify requests have in common for a handler. */
export interface HandlerRequest {
  session: Session | undefined | null;
  readonly sessionID: string | undefined;
  readonly headers: Record<string, string | undefined>;
}

export interface HandlerResponse {
  status(code: number): unknown;
}

export type Action = (request: HandlerRequest, session: Session, response: HandlerResponse) => unknown;

/** A throwaway controller: each action answers the path of its own name. */
export function actions(table: Readonly<Record<string, Action>>): Type {
  @Controller()
  class ActionsController {
    @All(':action')
    run(@Param('action') name: string, @Req() request: HandlerRequest, @Res({ passthrough: true }) response: HandlerResponse): unknown {
      return table[name]?.(request, request.session as Session, response);
    }
  }
  return ActionsController;
}
