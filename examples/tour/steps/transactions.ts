import { City } from "../models.js";
import { defineStep } from "../step.js";

export const transactions = defineStep(
  import.meta.url,
  "Transactions: one rolled back, one committed",
  async () => {
    const rows: { when: string; cities: number }[] = [];
    const note = (when: string, cities: number) =>
      rows.push({ when, cities });
    // #region shown
    note("before", await City.objects.count());
    {
      await using tx = City.objects.transaction();
      await tx.delete({ countryCode: "IN" });
      note("in the first, India's deleted", await tx.count());
      await tx.rollback();
    }
    note("rolled back", await City.objects.count());

    const place = { population: null, isCapital: false };
    await City.objects.transaction(async (tx) => {
      await tx.insertMany([
        {
          ...place,
          id: 1,
          name: "Diego Garcia",
          countryCode: "IO",
          latitude: -7.31,
          longitude: 72.41,
        },
        {
          ...place,
          id: 2,
          name: "Wake Island",
          countryCode: "UM",
          latitude: 19.28,
          longitude: 166.64,
        },
      ]);
      note("in the second, two added", await tx.count());
    });
    note("committed", await City.objects.count());
    // #endregion
    return { rows };
  },
);
