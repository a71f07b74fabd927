import { City } from "../models.js";
import { defineStep } from "../step.js";

export const updating = defineStep(
  import.meta.url,
  "Updates: many rows, or one instance",
  async () => {
    const before = await City.objects.count({
      where: { population: null },
    });
    // #region shown
    const changed = await City.objects.update(
      { population: 0 },
      { population: null },
    );

    const istanbul = await City.objects.get({
      where: { name: "Istanbul", countryCode: "TR" },
    });
    const old = istanbul.population;
    await istanbul.update({ population: 15_701_602 });
    // #endregion
    const after = await City.objects.count({ where: { population: null } });
    return {
      rows: [
        { what: "cities of unknown population before", number: before },
        { what: "cities changed from 0", number: changed },
        { what: "cities of unknown population after", number: after },
        { what: "Istanbul's population before", number: old },
        {
          what: "Istanbul's population after",
          number: istanbul.population,
        },
      ],
    };
  },
);
