/**
 * SQL text with its values bound, never spliced: sql`select * from users where name = ${name}`. A column (`User.c.name`),
 * a condition or other `sql` text among the values is written in its place.
 */
export { default as sql, empty, join, raw, Sql } from "sql-template-tag";
