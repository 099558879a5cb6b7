import { setImmediate as nextTurn } from 'node:timers/promises';
import type fc from 'fast-check';
import { describeSession } from 'nest-gatehouse/session';
import { type Data, History, linesOf } from './history.js';
import { explain } from './explanation.js';
import { BEGINNING, ReferenceModel } from './reference-model.js';
import { PASSES, type Deed, type Program } from './programs.js';
import { type Instance, type Instances, TERMS } from './instances.js';
import { VisitInHand } from './visit-in-hand.js';

const ACTORS = ['Ann', 'Bob', 'Cid', 'Dan'];
const USER = 'u1';

/** A session as its client knows it. */
interface Known {
  readonly number: number;
  readonly handle: string;
  readonly tokens: { readonly secret: number; readonly token: string }[];
}

/** One program in one order of its calls. */
export class ScheduleRun {
  readonly #history = new History();
  readonly #sessions: Known[] = [];
  readonly #user: string;
  readonly #sweeping = new Set<object>();
  #requests = 0;
  #secrets = 0;
  #values = 0;
  #created = 0;
  #working = 0;

  constructor(
    private readonly stage: Instances,
    number: number,
  ) {
    this.#user = `${USER}-${number}`;
  }

  /** @throws Error that shows the calls, if no order of them explains what was answered */
  async run(program: Program, scheduler: fc.Scheduler): Promise<void> {
    const { stage } = this;
    stage.ended.length = 0;
    const beginning = { ...BEGINNING, now: stage.clock.now() };
    for (let n = 0; n < 2; n++) await this.#signIn('Ann', stage.all[0]!);
    const work = program.map((deeds, at) => {
      const name = ACTORS[at]!;
      const instance = stage.all[at % stage.all.length]!;
      const act = async () => {
        for (const deed of deeds) await this.#act(name, instance, deed);
      };
      return [name, act] as const;
    });
    await stage.turns.run(scheduler, new Map(work));
    await this.#lookAtAll();

    const { calls } = this.#history;
    const explained = explain(new ReferenceModel(TERMS, stage.raisesAtOnce), beginning, calls);
    if (explained.length < calls.length) throw this.#unexplained(explained);
    await this.#checkEnds();
  }

  async #act(by: string, instance: Instance, deed: Deed): Promise<void> {
    const isWait = deed.deed === 'wait';
    if (isWait && !this.stage.timePassesAnyTime) await this.#alone();
    this.#working++;
    try {
      await this.#perform(by, instance, deed);
    } finally {
      this.#working--;
    }
  }

  /** Until no other actor is in the middle of something. */
  async #alone(): Promise<void> {
    while (this.#working > 0) await this.stage.turns.take('wait for the others');
  }

  #perform(by: string, instance: Instance, deed: Deed): Promise<unknown> {
    const request = this.#requests++;
    const { sessions } = instance;
    switch (deed.deed) {
      case 'visit':
        return this.#visit(by, request, instance, deed);
      case 'end': {
        const { number, handle } = this.#known(deed.session);
        const asked = { does: 'end' as const, session: number, answer: undefined as boolean | undefined };
        return this.#history.note(by, request, asked, async () => {
          asked.answer = await sessions.end(handle);
        });
      }
      case 'sign in':
        return this.#signIn(by, instance);
      case 'end all':
        return this.#history
          .note(by, request, { does: 'raise' }, () => sessions.raiseUserEpoch(this.#user, 'disabled'))
          .then(() => sessions.sweepUser(this.#user));
      case 'sweep':
        return this.#sweep(instance);
      case 'wait':
        return this.#history.note(by, request, { does: 'pass', milliseconds: deed.milliseconds }, () =>
          this.stage.pass(deed.milliseconds),
        );
    }
  }

  /** A sweep joins one that runs already, and that would not wait for its own turn. */
  async #sweep({ sweeper }: Instance): Promise<void> {
    if (this.#sweeping.has(sweeper)) return;
    this.#sweeping.add(sweeper);
    await sweeper.sweep();
    this.#sweeping.delete(sweeper);
  }

  async #signIn(by: string, { sessions }: Instance): Promise<void> {
    const number = this.#created++;
    const secret = this.#secrets++;
    const asked = { does: 'create', session: number, secret } as const;
    const created = await this.#history.note(by, this.#requests++, asked, () => sessions.createForUser(this.#user));
    this.#sessions.push({ number, handle: created.session.handle, tokens: [{ secret, token: created.token }] });
  }

  async #visit(by: string, request: number, instance: Instance, deed: Extract<Deed, { deed: 'visit' }>): Promise<void> {
    const { number: session, tokens } = this.#known(deed.session);
    const { secret, token } = tokens[Math.min(deed.secret, tokens.length - 1)]!;
    const open = { does: 'open', session, secret, found: null as Data | null } as const;
    const opening = this.#history.begin(by, request, open);
    const visit = new VisitInHand(this.#history, { by, request, session }, this.stage);
    const answer = await instance.send(token, async (values) => {
      (opening.asked as { found: Data | null }).found = describeSession(values) && { ...(values as unknown as Data) };
      this.#history.answer(opening);
      if (describeSession(values))
        await visit.act(
          values,
          deed.does,
          () => ++this.#values,
          () => this.#secrets++,
        );
    });
    // What is done once the answer has been sent has begun by then.
    await nextTurn();
    visit.answered(answer.status);
    if (answer.token && visit.newSecret === null) throw new Error(`${by} was given a secret without asking for one.`);
    if (answer.token) tokens.push({ secret: visit.newSecret!, token: answer.token });
  }

  #known(at: number): Known {
    return this.#sessions[Math.min(at, this.#sessions.length - 1)]!;
  }

  async #lookAtAll(): Promise<void> {
    const { sessions } = this.stage.all[0]!;
    for (const { number: session, handle } of this.#sessions) {
      const asked = { does: 'find', session, found: null as Data | null } as const;
      await this.#history.note('At the end', this.#requests++, asked, async () => {
        (asked as { found: Data | null }).found = ((await sessions.read(handle))?.data as Data | undefined) ?? null;
      });
    }
  }

  /** Each session has one end, which is told once. */
  async #checkEnds(): Promise<void> {
    const { stage } = this;
    await stage.pass(PASSES.absolute);
    for (const { sweeper } of stage.all) await sweeper.sweep();
    const told = this.#sessions.map(({ handle }) => stage.ended.filter((ended) => ended === handle).length);
    if (told.every((times) => times === 1)) return;
    throw new Error([`The ends of the sessions were told so often: ${told.join(', ')}.`, ...this.#story()].join('\n'));
  }

  #unexplained(explained: readonly unknown[]): Error {
    const { calls } = this.#history;
    const rest = calls.filter((call) => !explained.includes(call));
    return new Error(
      [
        'No order of these calls explains what was answered. At best these are left:',
        ...linesOf(rest),
        ...this.#story(),
      ].join('\n'),
    );
  }

  #story(): string[] {
    return ['All calls:', ...linesOf(this.#history.calls), 'The turns:', ...this.stage.turns.lines];
  }
}
