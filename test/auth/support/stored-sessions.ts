import { Controller, Get, Req } from '@nestjs/common';
import { Public } from 'nest-gatehouse/auth';
import { AuthStorage } from 'nest-gatehouse/auth/storage';
import { describeSession, type SessionEventMap, SessionEvents, SessionStorage } from 'nest-gatehouse/session';
import type { SessionRecord } from 'nest-gatehouse/session/storage';
import type { HandlerRequest } from '../../support/apps/actions.js';
import type { BrowserClient } from '../../support/browser/browser-client.js';
import type { AuthApp } from './auth-app.js';

/** A route on which nobody looks at the account: what opens a session there is the store's word alone. */
@Controller('open')
export class OpenController {
  @Get()
  @Public()
  look(@Req() request: HandlerRequest) {
    return { user: describeSession(request.session ?? undefined)?.userId ?? null };
  }
}

export function handleOf(client: BrowserClient | string): string {
  return (typeof client === 'string' ? client : client.cookies.get('sid')!).slice(0, 22);
}

/** The parts behind an application: what no request has touched. */
export function partsOf(app: AuthApp) {
  const { store, index, locks } = app.app.get(SessionStorage);
  const { users, ends } = app.app.get(AuthStorage);
  return { store, index: index!, locks, users, ends };
}

export interface Stored {
  /** Live ones, by the store and by the index. */
  readonly live: readonly string[];
  /** Whatever a sweep would still find of this user. */
  readonly leftOver: readonly string[];
  readonly notes: number;
}

/** What the store holds of this user. Removes what is over. */
export async function storedOf(app: AuthApp, userId: string, handles: readonly string[]): Promise<Stored> {
  const { store, index, ends } = partsOf(app);
  const found = (await index.find({ userId }, { limit: 50 })).items.map(({ handle }) => handle);
  const read: string[] = [];
  for (const handle of handles) if (await store.read(handle)) read.push(handle);
  const swept = (await index.sweep(100)).filter((ended) => ended.userId === userId).map(({ handle }) => handle);
  const notes = await ends.begunBy(app.clock.now(), 10);
  return { live: [...new Set([...found, ...read])].sort(), leftOver: swept, notes: notes.length };
}

export const NOTHING: Stored = { live: [], leftOver: [], notes: 0 };

/** The epochs of the account, of the store, and of each live session. */
export async function epochsOf(app: AuthApp, userId: string) {
  const { store, index, users } = partsOf(app);
  const { items } = await index.find({ userId }, { limit: 50 });
  const sessions: (SessionRecord | null)[] = [];
  for (const { handle } of items) sessions.push(await store.read(handle));
  return {
    account: (await users.findById(userId))!.epoch,
    store: await index.userEpoch(userId),
    sessions: sessions.map((session) => session!.userEpoch),
  };
}

/** Ends as they are told from now on. */
export function watchEnds(app: AuthApp): SessionEventMap['session.ended'][] {
  const told: SessionEventMap['session.ended'][] = [];
  app.app.get(SessionEvents).on('session.ended', (event) => void told.push(event));
  return told;
}

/** Which user's session this cookie opens, by the store's word. */
export async function opens(app: AuthApp, token: string): Promise<string | null> {
  return (await app.browser({ cookie: `sid=${token}` }).get('/open')).json<{ user: string | null }>().user;
}
