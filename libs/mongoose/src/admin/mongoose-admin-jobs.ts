import { Injectable } from '@nestjs/common';
import { type AdminJob, type AdminJobChanges, AdminJobs } from 'nest-gatehouse/admin/storage';
import { MongooseCollection } from '../database/mongoose-collection.js';
import type { MongooseDatabase } from '../database/mongoose-database.js';
import { adminJobSchema, type AdminJobDocument } from './admin-job.schema.js';

/** Jobs shared by all processes on the database; a change is on the majority before it is confirmed. */
@Injectable()
export class MongooseAdminJobs extends AdminJobs {
  readonly #jobs: MongooseCollection<AdminJobDocument>;

  constructor(database: MongooseDatabase) {
    super();
    const setup = { model: 'GatehouseAdminJob', name: 'admin_jobs', schema: adminJobSchema };
    this.#jobs = new MongooseCollection(database, setup);
  }

  /** Creates or verifies the indexes. @throws StorageIndexError, StoreUnavailableError */
  prepare(): Promise<void> {
    return this.#jobs.prepare();
  }

  override async insert({ id, startedAt, leaseUntil, ...rest }: AdminJob): Promise<void> {
    const document = { ...rest, _id: id, startedAt: new Date(startedAt), leaseUntil: new Date(leaseUntil) };
    await this.#jobs.runDurably((jobs, durably) => jobs.insertOne(document, durably));
  }

  override async read(id: string): Promise<AdminJob | null> {
    const found = await this.#jobs.run((jobs, within) => jobs.findOne({ _id: { $eq: id } }, within));
    return found && toJob(found);
  }

  override async update(
    id: string,
    lease: number,
    { state, ended, leaseUntil, step }: AdminJobChanges,
  ): Promise<boolean> {
    const changes = {
      ...(state !== undefined && { state }),
      ...(ended !== undefined && { ended }),
      ...(leaseUntil !== undefined && { leaseUntil: new Date(leaseUntil) }),
      ...(step !== undefined && { step }),
    };
    const running = { _id: { $eq: id }, state: 'running' as const, leaseUntil: new Date(lease) };
    const updated = await this.#jobs.runDurably((jobs, durably) => jobs.updateOne(running, { $set: changes }, durably));
    return updated.matchedCount > 0;
  }

  override async abandoned(now: number, limit: number): Promise<readonly AdminJob[]> {
    const dead = { state: 'running' as const, leaseUntil: { $lte: new Date(now) } };
    const found = await this.#jobs.run((jobs, within) =>
      jobs.find(dead, { sort: { leaseUntil: 1 }, limit, ...within }).toArray(),
    );
    return found.map(toJob);
  }

  override async expire(before: number, limit: number): Promise<number> {
    const old = { startedAt: { $lt: new Date(before) }, state: { $ne: 'running' as const } };
    const found = await this.#jobs.run((jobs, within) =>
      jobs.find(old, { projection: { _id: 1 }, limit, ...within }).toArray(),
    );
    if (found.length === 0) return 0;
    const ids = found.map(({ _id }) => _id);
    const { deletedCount } = await this.#jobs.run((jobs, within) =>
      jobs.deleteMany({ _id: { $in: ids }, state: { $ne: 'running' } }, within),
    );
    return deletedCount;
  }
}

function toJob({ _id, startedAt, leaseUntil, ...rest }: AdminJobDocument): AdminJob {
  return Object.freeze({ ...rest, id: _id, startedAt: startedAt.getTime(), leaseUntil: leaseUntil.getTime() });
}
