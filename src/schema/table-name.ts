/** The name by which a table is known: with its schema, where it has one. */
export function tableName({ schema, name }: { readonly schema: string | undefined; readonly name: string }): string {
  return schema === undefined ? name : `${schema}.${name}`;
}
