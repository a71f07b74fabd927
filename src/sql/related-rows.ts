import { computed, WIDE_INTEGER } from "./computed.js";
import { and, Condition, type ConditionLike, not } from "./conditions.js";
import { aliasedTable, aliasOf, columnFrom, namesIn } from "./path.js";
import { hiding, type Related, type Source } from "./statement-state.js";
import type { Table } from "./table.js";
import { ValueExpression } from "./value-expression.js";
import { writeDefinitionsOf } from "./write-select.js";
import type { SelectBlock, SqlWriter } from "./writer.js";

/**
 * The rows of a relation of each row of a table, without those that were deleted softly. In the select that finds them, the
 * other table has its own name, unless a table further out has it.
 */
export class RelatedRows {
  /** What conditions on them are about. */
  readonly source: Source;
  readonly #via: Source | undefined;
  readonly #on: Condition;

  constructor(
    readonly own: Source,
    readonly related: Related,
  ) {
    const { target, via } = related;
    const taken = namesIn(own);
    const named = ({ table }: Source, what: string): Table =>
      taken.includes(table.alias) ? aliasedTable(table, aliasOf(own.table.alias, `${related.name} ${what}`)) : table;
    this.#via = via === undefined ? undefined : { ...via, table: named(via, "via") };
    this.source = {
      ...target,
      table: named(target, "rows"),
      within: this.#via === undefined ? taken : [...taken, this.#via.table.alias],
    };
    this.#on = related.on(own.table, this.source.table, this.#via?.table);
  }

  /** There is one that fulfils the conditions. */
  some(conditions: readonly ConditionLike[]): Condition {
    return new Condition((writer) => this.#write(writer.write("exists "), "1", conditions));
  }

  /** There is none that fulfils the conditions. */
  none(conditions: readonly ConditionLike[]): Condition {
    return not(this.some(conditions));
  }

  /** There is none that does not fulfil the conditions; of what is null nothing is known, so that it doesn't. */
  every(conditions: readonly ConditionLike[]): Condition {
    return this.none([
      new Condition((writer) =>
        writer
          .write("(")
          .operand(and(...conditions))
          .write(") is not true"),
      ),
    ]);
  }

  /** How many fulfil the conditions. */
  count(conditions: readonly ConditionLike[]): ValueExpression {
    const label = `count(${this.own.table.alias}.${this.related.name})`;
    const writeTo = (writer: SqlWriter) => this.#write(writer, "count(*)", conditions);
    return new ValueExpression(computed(WIDE_INTEGER, label, writeTo, false));
  }

  #write(writer: SqlWriter, selected: string, conditions: readonly ConditionLike[]): void {
    const { table } = this.source;
    const via = this.#via?.table;
    const sources = this.#via === undefined ? [this.source] : [this.source, this.#via];
    writeDefinitionsOf(writer.write("("), sources);
    const block = writer.enter(via === undefined ? [table.alias] : [table.alias, via.alias]);
    writer.write(`select ${selected} from ${table.from}`);
    if (via !== undefined) writer.write(` inner join ${via.from} on `).operand(this.#on);
    block.end = writer.text.length;
    const all = [...(via === undefined ? [this.#on] : []), ...hiding(sources), ...this.#aboutThese(conditions, block)];
    if (all.length > 0) writer.write(" where ").operand(and(...all));
    writer.leave(block);
    writer.write(")");
  }

  /** Conditions in which expressions of the other model are about its rows here, whatever they are called. */
  #aboutThese(conditions: readonly ConditionLike[], block: SelectBlock): readonly ConditionLike[] {
    const { table } = this.source;
    const outer = this.related.target.table.alias;
    if (table.alias === outer || conditions.length === 0) return conditions;
    const writeTo = (writer: SqlWriter) => {
      block.inner = { outer, name: table.alias, column: (property, path) => columnFrom(table, property, path) };
      writer.operand(and(...conditions));
      block.inner = undefined;
    };
    return [new Condition(writeTo, undefined, conditions)];
  }
}
