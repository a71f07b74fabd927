import { City } from "../models.js";
import { defineStep } from "../step.js";

export const acrossRelations = defineStep(
  import.meta.url,
  "A condition, an order and a join across relations",
  async (sent) => {
    // #region shown
    const capitals = await City.objects.getInstances({
      where: {
        isCapital: true,
        "country.landlocked": true,
        country: { languages: { some: { name: "French" } } },
      },
      orderBy: "-country.area",
      selectRelated: "country",
      limit: 5,
    });
    const rows = capitals.map(({ name, country }) => ({
      capital: name,
      country: country.secondary.name,
      "area in km²": country.secondary.area,
    }));
    // #endregion
    return {
      sql: sent,
      rows,
      caption:
        "The capitals of landlocked countries where French is spoken, with their countries, in one query.",
    };
  },
);
