/** Files by the name under which they are served. Several files are concatenated. */
export type AssetFiles = Readonly<Record<string, URL | readonly URL[]>>;
