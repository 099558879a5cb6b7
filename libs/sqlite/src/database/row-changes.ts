import type { SqliteConnection } from '../driver/sqlite.driver.js';
import { fromText } from '../driver/sqlite-text.js';

export interface RowChanges {
  /** The row of a session is changed or deleted. */
  changed(handle: string): void;
  /** The epoch of a user is changed, which may revoke any session. */
  revoked(): void;
}

/** Tells of every row that this connection changes, whichever statement does it, before the change is committed. */
export function watchRows(connection: SqliteConnection, told: RowChanges): void {
  connection.function('session_changed', { varargs: true }, (handle) => {
    told.changed(fromText(handle as string));
    return null;
  });
  connection.function('epoch_changed', { varargs: true }, () => {
    told.revoked();
    return null;
  });
  connection.exec(`
    CREATE TEMP TRIGGER session_updated AFTER UPDATE ON main.sessions BEGIN SELECT session_changed(OLD.handle); END;
    CREATE TEMP TRIGGER session_deleted AFTER DELETE ON main.sessions BEGIN SELECT session_changed(OLD.handle); END;
    CREATE TEMP TRIGGER epoch_made AFTER INSERT ON main.user_epochs BEGIN SELECT epoch_changed(); END;
    CREATE TEMP TRIGGER epoch_raised AFTER UPDATE OF epoch ON main.user_epochs BEGIN SELECT epoch_changed(); END;`);
}
