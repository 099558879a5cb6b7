import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { UserStore } from 'nest-gatehouse/auth/storage';
import { Person, PersonSchema } from './person.schema.js';
import { PersonStore } from './person.store.js';

@Module({
  imports: [MongooseModule.forFeature([{ name: Person.name, schema: PersonSchema }])],
  providers: [{ provide: UserStore, useClass: PersonStore }],
  exports: [UserStore],
})
export class PeopleModule {}
