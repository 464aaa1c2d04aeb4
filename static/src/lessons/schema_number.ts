/** The number of the schema in `schema.ts`; the server refuses a page that has another one. */
export const SCHEMA_NUMBER = 2;
