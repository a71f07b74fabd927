import type { MaybePromise } from "../drivers/driver.js";
import { STATE } from "../manager/instance-state.js";
import type { Table } from "../sql/table.js";
import { type Values, validValues } from "../sql/validation.js";
import { changedColumns, isLoaded, type Stateful } from "./state.js";

/**
 * What an update of an instance is given, with what the schemas make of it, and of what was assigned before where that is
 * something else. What is as the row has it goes through no schema, as it is not sent.
 *
 * @throws TypeError for an unknown column, or a value that a column can't hold
 * @throws ValidationError where a schema refuses a value
 */
export function validChanges(instance: Stateful, table: Table, values: object): MaybePromise<object> {
  if (table.validated.length === 0) return values;
  const changes: Values = {};
  for (const [property, value] of Object.entries(values)) {
    if (value !== undefined && !isLoaded(instance, table.column(property), value)) changes[property] = value;
  }
  const assigned: Values = {};
  for (const { property, index } of changedColumns(instance)) {
    if (Reflect.get(values, property) === undefined) assigned[property] = instance[STATE].held?.[index];
  }
  const together = (valid: Values): object => {
    const made = Object.entries(valid).filter(([property, value]) => value !== assigned[property]);
    return { ...values, ...Object.fromEntries(made) };
  };
  const valid = validValues(table, { ...changes, ...assigned });
  return valid instanceof Promise ? valid.then(together) : together(valid);
}
