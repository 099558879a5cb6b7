import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AuthModule } from 'nest-gatehouse/auth';
import { MongooseStorageModule } from 'nest-gatehouse/mongoose';
import { SessionModule } from 'nest-gatehouse/session';
import { PeopleModule } from './people/people.module.js';
import { CartController } from './shop/cart.controller.js';
import { OrdersController } from './shop/orders.controller.js';
import { OrdersGateway } from './shop/orders.gateway.js';

@Module({
  imports: [
    MongooseModule.forRoot(process.env.MONGODB_URI ?? 'mongodb://localhost/shop'),
    MongooseStorageModule.forRoot(),
    SessionModule.forRoot(),
    AuthModule.forRoot({ appName: 'Shop', carryOver: ['cart'], imports: [PeopleModule] }),
  ],
  controllers: [CartController, OrdersController],
  providers: [OrdersGateway],
})
export class AppModule {}
