import { readCities, readWorld } from "./data.js";
import {
  Border,
  City,
  Country,
  CountryLanguage,
  Language,
} from "./models.js";
import { regionOf } from "./step.js";
import { startProgress } from "./terminal.js";

/** The code of `fill`, to be shown. */
export const fillCode = regionOf(import.meta.url, "shown");

/** Fills the tables, in one transaction. */
export async function fill(): Promise<void> {
  const world = readWorld();
  const cities = readCities();
  const progress = startProgress("cities", cities.length);
  try {
    // #region shown
    await using tx = Country.objects.transaction();
    const plain = { fetch: false }; // no instances are wanted back
    await tx.insertMany(world.countries, plain);
    await Border.objects.using(tx).insertMany(world.borders, plain);
    await Language.objects.using(tx).insertMany(world.languages, plain);
    await CountryLanguage.objects
      .using(tx)
      .insertMany(world.countryLanguages, plain);
    for (let from = 0; from < cities.length; from += 5_000) {
      const some = cities.slice(from, from + 5_000);
      await City.objects.using(tx).insertMany(some, plain);
      progress.add(some.length);
    }
    await tx.commit();
    // #endregion
  } finally {
    progress.stop();
  }
}
