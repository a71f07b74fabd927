import { tableOf } from "rowkeeper";
import { defineStep } from "../step.js";

export const reflecting = defineStep(
  import.meta.url,
  "The schema, as it is read from the database",
  async (_sent, { db }) => {
    // #region shown
    await db.reflect();
    const cities = db.tables.get("tour_cities");
    const { columns = [], foreignKeys = [] } = cities ?? {};
    const refersTo = new Map(
      foreignKeys.map(({ columns: [column], model }) => [
        column?.name,
        tableOf(model()).name,
      ]),
    );
    const rows = columns.map(
      ({ name, type, nullable, isKey, settings }) => ({
        column: name,
        type: type.kind,
        nullable,
        key: isKey ? "primary" : settings.unique ? "unique" : "",
        index: settings.index ? "yes" : "",
        "refers to": refersTo.get(name) ?? "",
      }),
    );
    const differences = await db.differences();
    // #endregion
    return {
      rows,
      caption:
        differences.length === 0
          ? "Types, keys and checks are read back as the models say them: db.differences() is []."
          : differences.join("; "),
    };
  },
);
