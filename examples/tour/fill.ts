import { readCities, readCountries } from "./data.js";
import { City, Country } from "./models.js";
import { regionOf } from "./step.js";
import { startProgress } from "./terminal.js";

/** The code of `fill`, to be shown. */
export const fillCode = regionOf(import.meta.url, "shown");

/** Fills both tables, in one transaction. */
export async function fill(): Promise<void> {
  const countries = readCountries();
  const cities = readCities();
  const progress = startProgress("cities", cities.length);
  try {
    // #region shown
    await using tx = Country.objects.transaction();
    await tx.insertMany(countries, { fetch: false });
    for (let from = 0; from < cities.length; from += 5_000) {
      const some = cities.slice(from, from + 5_000);
      await City.objects.using(tx).insertMany(some, { fetch: false });
      progress.add(some.length);
    }
    await tx.commit();
    // #endregion
  } finally {
    progress.stop();
  }
}
