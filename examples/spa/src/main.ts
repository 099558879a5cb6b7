import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { PAGE_ORIGINS } from './page-origins.js';

const app = await NestFactory.create(AppModule);
// CORS lets these pages read the answers, and send JSON. `allowedOrigins` of AuthModule lets them change something.
app.enableCors({ origin: PAGE_ORIGINS, credentials: true, maxAge: 600 });
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000);
