import { Injectable, Module } from '@nestjs/common';
import { InjectModel, MongooseModule, Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import {
  type NewUser,
  newUserRecord,
  type UserChanges,
  type UserExpectation,
  type UserList,
  UsernameTakenError,
  type UserPage,
  type UserRecord,
  UserStore,
} from 'nest-gatehouse/auth/storage';

/** Members of a club, as an application keeps them: its own names, its own collection. */
@Schema({ collection: 'club_members', versionKey: false })
export class Member {
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true, unique: true })
  email!: string;

  @Prop({ type: String, required: true })
  nickname!: string;

  @Prop({ type: Boolean, default: false })
  isBanned!: boolean;

  /** What signing in needs beyond that. */
  @Prop({ type: Object, required: true })
  signIn!: Partial<UserRecord>;
}

@Injectable()
class MemberStore extends UserStore {
  constructor(@InjectModel(Member.name) private readonly members: Model<Member>) {
    super();
  }

  override async insert(user: NewUser): Promise<UserRecord> {
    const { id, username, canonicalUsername, disabled, ...signIn } = newUserRecord(user);
    const member = { _id: id, email: canonicalUsername, nickname: username, isBanned: disabled, signIn };
    try {
      return toUser((await this.members.create(member)).toObject());
    } catch (error) {
      if ((error as { code?: number }).code === 11_000) throw new UsernameTakenError(username);
      throw error;
    }
  }

  override async findById(id: string): Promise<UserRecord | null> {
    return toUser(await this.members.findById(id).lean());
  }

  override async findByCanonicalUsername(email: string): Promise<UserRecord | null> {
    return toUser(await this.members.findOne({ email }).lean());
  }

  override async update(id: string, changes: UserChanges, expected: UserExpectation = {}): Promise<UserRecord | null> {
    const { raiseEpoch, disabled, ...signIn } = changes;
    const set = Object.entries(signIn).map(([name, value]) => [`signIn.${name}`, value]);
    const still = Object.entries(expected).map(([name, value]) => [`signIn.${name}`, value]);
    const update = {
      $set: { ...(Object.fromEntries(set) as object), ...(disabled !== undefined && { isBanned: disabled }) },
      $inc: { 'signIn.epoch': raiseEpoch ? 1 : 0 },
    };
    const options = { returnDocument: 'after' } as const;
    const conditions = { _id: id, ...(Object.fromEntries(still) as object) };
    return toUser(await this.members.findOneAndUpdate(conditions, update, options).lean());
  }

  override async list({ limit }: UserPage): Promise<UserList> {
    const members = await this.members.find().sort({ email: 1 }).limit(limit).lean();
    return { items: members.map((member) => toUser(member)), next: null };
  }
}

function toUser(member: Member): UserRecord;
function toUser(member: Member | null): UserRecord | null;
function toUser(member: Member | null): UserRecord | null {
  if (!member) return null;
  const { _id: id, email: canonicalUsername, nickname: username, isBanned: disabled, signIn } = member;
  return newUserRecord({ createdAt: 0, ...signIn, id, username, canonicalUsername, disabled });
}

@Module({
  imports: [MongooseModule.forFeature([{ name: Member.name, schema: SchemaFactory.createForClass(Member) }])],
  providers: [{ provide: UserStore, useClass: MemberStore }],
  exports: [UserStore],
})
export class MembersModule {}
