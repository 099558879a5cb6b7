/** An account of the database server. It is given to the driver apart from any URL, so it may have any characters. */
export interface MongodbLogin {
  readonly username: string;
  readonly password: string;
  /** The database that knows the account. */
  readonly authSource: string;
}
