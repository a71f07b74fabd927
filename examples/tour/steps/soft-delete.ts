import { City, Trip } from "../models.js";
import { defineStep } from "../step.js";

export const softDelete = defineStep(
  import.meta.url,
  "Hooks, a delete that only hides, and a restore",
  async (sent) => {
    const rows: Record<string, string | number>[] = [];
    const note = async (when: string) => {
      const seen = await Trip.objects.count();
      const inTable = await Trip.objects.withDeleted().count();
      rows.push({
        when,
        "trips seen": seen,
        "trips in the table": inTable,
      });
    };
    // #region shown
    Trip.addHook("beforeInsert", async (trip, { scope }) => {
      const city = await City.objects
        .using(scope)
        .get({ where: { id: trip.cityId } });
      trip.title += ` to ${city.name}`;
    });
    const vienna = 2_761_369;
    const trip = await Trip.objects.insert({
      title: "By train",
      nights: 3,
      cityId: vienna,
    });
    await note(`"${trip.title}" inserted`);
    await trip.delete();
    await note("deleted");
    await trip.restore();
    await note("restored");
    // #endregion
    Trip.clearHooks();
    return { sql: sent.filter((text) => text.startsWith("update")), rows };
  },
);
