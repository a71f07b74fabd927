import { Country } from "../models.js";
import { defineStep } from "../step.js";

export const chain = defineStep(
  import.meta.url,
  "The chain under it all",
  async () => {
    // #region shown
    const statement = Country.objects
      .setSql(Country.select(["name", "region", "area"]))
      .where([Country.c.landlocked.eq(true), Country.c.area.gt(1_000_000)])
      .orderBy(["-area"])
      .limit(5);
    const rows = await statement.fetchall();
    // #endregion
    return {
      rows,
      caption: `statement.toSql().text: ${statement.toSql().text}`,
    };
  },
);
