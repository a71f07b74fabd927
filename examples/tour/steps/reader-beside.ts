import { City } from "../models.js";
import { defineStep } from "../step.js";

export const readerBeside = defineStep(
  import.meta.url,
  "A reader beside an open transaction",
  async () => {
    // #region shown
    const where = { countryCode: "IS" };
    await using tx = City.objects.transaction();
    await tx.delete(where);

    const inside = await tx.count({ where });
    // doesn't wait, and sees nothing of what isn't committed
    const outside = await City.objects.count({ where });
    await tx.rollback();
    // #endregion
    return {
      rows: [
        {
          "who counts the cities of Iceland":
            "the transaction that deleted them",
          cities: inside,
        },
        {
          "who counts the cities of Iceland": "a reader beside it",
          cities: outside,
        },
      ],
    };
  },
);
