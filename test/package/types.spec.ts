import { describe, expect, it } from '@jest/globals';
import type { Request } from 'express';
import { expectTypeOf } from 'expect-type';
import type { FastifyRequest } from 'fastify';
import type { Session, SessionControls } from 'nest-gatehouse/session';
import 'nest-gatehouse/auth/express';
import 'nest-gatehouse/auth/fastify';
import type { SignedInUser } from 'nest-gatehouse/auth';

interface Shop {
  cart: string[];
  visits: number;
  note?: string | null;
  address: { street: string; lines: readonly string[] };
}

declare const shop: Session<Shop>;
declare const plain: Session;

/** The compiler checks what is in here; it is never called. */
function checkedByTheCompiler(): void {
  expectTypeOf(shop.cart).toEqualTypeOf<string[] | undefined>();
  expectTypeOf(shop.id).toEqualTypeOf<string>();
  expectTypeOf(shop).toExtend<SessionControls>();
  expectTypeOf(plain['anything']).toBeUnknown();

  void shop.increment('visits');
  void plain.increment('whatever');
  // @ts-expect-error -- a key that is mistyped
  void shop.increment('vists');
  // @ts-expect-error -- no number
  void shop.increment('cart');
  void shop.regenerate({ keep: ['cart', 'note'] });
  void plain.regenerate({ keep: ['whatever'] });
  // @ts-expect-error -- a key that is mistyped
  void shop.regenerate({ keep: ['crat'] });

  const refused = null as unknown;
  // @ts-expect-error -- the name of a control
  void (refused as Session<{ id: number }>);
  // @ts-expect-error -- the name of a control
  void (refused as Session<{ save: string }>);
  // @ts-expect-error -- comes back as text
  void (refused as Session<{ at: Date }>);
  // @ts-expect-error -- comes back as {}
  void (refused as Session<{ seen: Map<string, number> }>);
  // @ts-expect-error -- is not kept
  void (refused as Session<{ greet: () => string }>);
  // @ts-expect-error -- is not kept, wherever it is
  void (refused as Session<{ list: { deep: { big: bigint }[] }[] }>);

  expectTypeOf<Request['session']>().toEqualTypeOf<Session>();
  expectTypeOf<Request['sessionID']>().toEqualTypeOf<string>();
  expectTypeOf<NonNullable<Request['user']>>().toExtend<SignedInUser>();
  expectTypeOf<FastifyRequest['session']>().toExtend<Session>();
  expectTypeOf<FastifyRequest['sessionID']>().toEqualTypeOf<string>();
  expectTypeOf<FastifyRequest['user']>().toEqualTypeOf<SignedInUser | undefined>();
  expectTypeOf<ReturnType<FastifyRequest['session']['get']>>().toBeUnknown();
}

describe('The types of requests and sessions', () => {
  it('are checked by the compiler, and cost nothing when the program runs', async () => {
    expect(checkedByTheCompiler).toBeInstanceOf(Function);
    for (const entry of ['session/express', 'session/fastify', 'auth/express', 'auth/fastify'])
      expect(Object.keys((await import(`nest-gatehouse/${entry}`)) as object)).toEqual([]);
  });
});
