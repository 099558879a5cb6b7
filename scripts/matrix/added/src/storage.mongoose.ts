import { MongooseModule } from '@nestjs/mongoose';
import { MongooseStorageModule } from 'nest-gatehouse/mongoose';
import { Module } from '@nestjs/common';

@Module({
  imports: [MongooseModule.forRoot(process.env.MONGODB_URI ?? ''), MongooseStorageModule.forRoot()],
})
export class MongodbModule {}

export const storageModule = MongodbModule;
