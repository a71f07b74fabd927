import { sql } from "rowkeeper";
import { City } from "../models.js";
import { defineStep } from "../step.js";

export const ownSql = defineStep(
  import.meta.url,
  "Groups, in SQL of your own",
  async () => {
    // #region shown
    const atLeast = 100_000;
    const rows = await City.objects
      .setSql(sql`
          select region,
                 cast(count(*) as integer) as cities,
                 cast(sum(population) / 1000000 as integer) as millions
          from tour_cities
          join tour_countries on code = country_code
          where population >= ${atLeast}
          group by region
          order by millions desc`)
      .fetchall();
    // #endregion
    return {
      rows,
      caption:
        "The value is bound, never spliced into the text. The same text runs on both engines.",
    };
  },
);
