import { EventEmitter, on } from 'node:events';
import { Args, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import { CurrentUser, Public, Roles } from 'nest-gatehouse/auth';
import { RequireSession, Session } from 'nest-gatehouse/session';

type Values = Session<{ value?: string }>;

/** What makes the subscriptions of all applications in this process tick. */
export const TICKS = new EventEmitter();

/** Ends at once when it is returned; a generator would wait for one more tick. */
function ticks() {
  const events = on(TICKS, 'tick') as AsyncIterableIterator<[string]>;
  return {
    async next() {
      const { value, done } = (await events.next()) as IteratorResult<[string], undefined>;
      return { value: { ticks: value?.[0] }, done };
    },
    return: () => events.return!(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

@Resolver()
export class TestResolver {
  @Query(() => String)
  who(@CurrentUser('username') name: string) {
    return name;
  }

  @Query(() => String)
  @Roles('admin')
  admin() {
    return 'yes';
  }

  @Query(() => String)
  @Public()
  @RequireSession()
  session() {
    return 'yes';
  }

  @Query(() => String, { nullable: true })
  read(@Session('value') value: unknown) {
    return value;
  }

  @Mutation(() => String)
  @Public()
  write(@Session() session: Values, @Args('value') value: string) {
    session.value = value;
    return 'done';
  }

  @Subscription(() => String)
  ticks(@Session() session: Values, @CurrentUser('username') name: string) {
    session.value = `subscribed by ${name}`;
    return ticks();
  }

  @Subscription(() => String, { name: 'adminTicks' })
  @Roles('admin')
  adminTicks() {
    return ticks();
  }
}
