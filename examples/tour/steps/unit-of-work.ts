import { deleteFrom, text } from "rowkeeper";
import { City, Trip } from "../models.js";
import { defineStep } from "../step.js";

export const unitOfWork = defineStep(
  import.meta.url,
  "A session: several models, committed as you go",
  async (sent, { db }) => {
    const rows: Record<string, unknown>[] = [];
    const note = (when: string, counts: object) =>
      rows.push({ when, ...counts });
    // #region shown
    await using session = db.session();
    const counted = text(
      `select population,
              (select cast(count(*) as integer)
               from tour_trips where city_id = :city) as trips
       from tour_cities where id = :city`,
      { city: 2_761_369 },
    );
    const vienna = await session.one(
      City.select().where({ name: "Vienna", countryCode: "AT" }),
    );
    note("begun", await session.one(counted));

    vienna.population = 2_028_289; // in 2025
    const trip = new Trip({
      title: "Coffee houses",
      nights: 2,
      cityId: vienna.id,
    });
    await session.saveAll([vienna, trip]);
    await session.commit(); // and the next statement begins anew
    note("saved, and committed", await session.one(counted));

    await session.execute(deleteFrom(Trip).where({ cityId: vienna.id }));
    await session
      .objects(City)
      .update({ id: vienna.id }, { population: 0 });
    note("changed, not committed", await session.one(counted));
    await session.rollback();
    note("rolled back", await session.one(counted));
    // #endregion
    return {
      sql: sent.filter((statement) => statement.startsWith("insert")),
      rows,
      caption:
        "A :name is a parameter, as often as it stands there; its value is bound.",
    };
  },
);
