import { Injectable } from '@nestjs/common';
import { StorageHealth } from '../storage/storage-health.js';

/** Memory works for as long as the process does. */
@Injectable()
export class MemoryStorageHealth extends StorageHealth {
  override check(): Promise<void> {
    return Promise.resolve();
  }
}
