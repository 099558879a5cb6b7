/** Where files are, by the name they are served under. A stylesheet may be several files, one after the other. */
export type AssetFiles = Readonly<Record<string, URL | readonly URL[]>>;
