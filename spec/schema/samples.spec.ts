import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { type AnyModel, Database, dynamicModel, generateModels } from "../../src/index.js";
import { Workshop } from "../readme/workshop.js";
import { type Engine, eachEngine } from "../support/engines.js";

/** Typed queries of generated models, which are the same on both engines. */
const QUERIES = {
  shop: `import { Album, Artist, Customer, Employee, Invoice, Playlist, PlaylistTrack, Track } from "./models.js";

export const answers = async (): Promise<unknown> => {
  const albums = await Album.objects.getInstances({ where: { "artist.name": "Accept" }, orderBy: "title", prefetch: "tracks" });
  const invoices = await Invoice.objects.getInstances({ orderBy: "invoiceId", selectRelated: "customer.supportRep" });
  const playlists = await Playlist.objects.getInstances({ orderBy: "playlistId", withCount: "tracks" });
  const managers = await Employee.objects.getInstances({ where: { employeesByReportsTo: { some: {} } }, orderBy: "lastName" });
  const rock = await Track.objects.getInstances({ where: { "genre.name": "Metal" }, orderBy: "trackId", prefetch: "playlists" });
  const listed = rock.map(({ name, playlists }) => [name, playlists.secondary.map((playlist) => playlist.name)]);
  const artist = await Artist.objects.insert({ artistId: 4, name: "Queen", albums: [{ albumId: 4, title: "Innuendo" }] });
  const playlist = playlists.at(-1);
  await playlist?.tracks.add(...rock);
  return {
    albums: albums.map(({ title, tracks }) => [title, tracks.secondary.map(({ name }) => name)]),
    invoices: invoices.map(({ invoiceDate, customer }) => [
      invoiceDate.toISOString(),
      customer.secondary.lastName,
      customer.secondary.supportRep.secondary?.firstName,
    ]),
    playlists: playlists.map(({ name, tracksCount }) => [name, tracksCount]),
    managers: managers.map(({ lastName }) => lastName),
    rock: listed,
    added: [artist.name, await artist.albums.count(), await PlaylistTrack.find({ playlistId: 3, trackId: 2 }).then((row) => row?.data)],
    idle: await Customer.objects.count({ where: { invoices: { none: {} } } }),
  };
};
`,
  library: `import { Actor, Film, Language, Payment, Rental, Staff, Store } from "./models.js";

export const answers = async (): Promise<unknown> => {
  const films = await Film.objects.getInstances({ orderBy: "filmId", prefetch: ["actors", "categories", "originalLanguage"] });
  const stores = await Store.objects.getInstances({ orderBy: "storeId", selectRelated: ["managerStaff", "address.city.country"] });
  const open = await Rental.objects.getInstances({ where: { returnDate: null }, prefetch: "inventory.film" });
  const english = await Language.objects.get({ where: { name: "English" }, withCount: ["filmsByLanguage", "filmsByOriginalLanguage"] });
  const staff = await Staff.objects.getInstances({ orderBy: "staffId", prefetch: "storeByManagerStaff" });
  await Film.objects.insert({ title: "NEW", languageId: 2, rating: "R" });
  const made = await Film.objects.get({ where: { title: "NEW" } });
  return {
    films: films.map((film) => [
      film.title,
      film.rating,
      film.actors.secondary.map(({ lastName }) => lastName),
      film.categories.secondary.map(({ name }) => name),
      film.originalLanguage.secondary?.name.trim() ?? null,
    ]),
    stores: stores.map(({ managerStaff, address }) => [
      managerStaff.secondary.firstName,
      address.secondary.city.secondary.country.secondary.country,
    ]),
    open: open.map(({ inventory, rentalDate }) => [inventory.secondary.film.secondary.title, rentalDate.toISOString()]),
    english: [english.filmsByLanguageCount, english.filmsByOriginalLanguageCount],
    staff: staff.map(({ storeByManagerStaff }) => storeByManagerStaff.secondary?.storeId),
    made: [made.rentalDuration, Number(made.rentalRate), made.filmId > 3, made.lastUpdate instanceof Date],
    busy: await Actor.objects.count({ where: { films: { some: { length: 86 } } } }),
    paid: await Payment.objects.count({ where: { rental: null, "customer.lastName": "JOHNSON" } }),
  };
};
`,
};

const ANSWERS = {
  shop: {
    albums: [
      ["Balls to the Wall", ["Balls to the Wall"]],
      ["Restless and Wild", ["Fast As a Shark", "Princess of the Dawn"]],
    ],
    invoices: [
      ["2009-01-01T00:00:00.000Z", "Gonçalves", "Jane"],
      ["2009-01-02T00:00:00.000Z", "Köhler", "Jane"],
      ["2009-02-11T00:00:00.000Z", "Köhler", "Jane"],
    ],
    playlists: [
      ["Music", 3],
      ["Slow", 1],
      ["Empty", 0],
    ],
    managers: ["Adams", "Edwards"],
    rock: [
      ["Balls to the Wall", ["Music"]],
      ["Fast As a Shark", ["Music"]],
    ],
    added: ["Queen", 1, { playlistId: 3, trackId: 2 }],
    idle: 1,
  },
  library: {
    films: [
      ["ACADEMY DINOSAUR", "PG", ["GUINESS", "WAHLBERG"], ["Documentary"], null],
      ["ACE GOLDFINGER", "G", [], ["Action"], "Italian"],
      ["ADAPTATION HOLES", "NC-17", ["WAHLBERG", "CHASE"], ["Documentary"], "Italian"],
    ],
    stores: [
      ["Mike", "Canada"],
      ["Jon", "Australia"],
    ],
    open: [["ADAPTATION HOLES", "2005-05-24T22:54:33.000Z"]],
    english: [3, 0],
    staff: [1, 2],
    made: [3, 4.99, true, true],
    busy: 2,
    paid: 1,
  },
};

/** A database with a sample's tables and rows. */
async function fill(engine: Pick<Engine, "fresh" | "dialect">, sample: keyof typeof QUERIES): Promise<Database> {
  const read = (name: string) => readFile(join(import.meta.dirname, "samples", `${sample}.${name}.sql`), "utf8");
  const { url } = await engine.fresh();
  const db = new Database(url);
  await using connection = await db.connect();
  await connection.executeScript(await read(engine.dialect));
  await connection.executeScript(`begin;\n${await read("rows")};\ncommit`);
  return db;
}

describe("the models of a database that is there", () => {
  let workshop: Workshop;
  before(async () => {
    workshop = await Workshop.open();
  });
  after(() => workshop.close());
  const written: string[] = [];

  eachEngine((engine) => {
    for (const sample of ["shop", "library"] as const) {
      it(`are generated as source that answers: a ${sample}`, async () => {
        await using db = await fill(engine, sample);
        const source = await generateModels(db);
        assert.equal(await generateModels(db), source);
        const name = `${sample}-${engine.name.replace(" ", "-")}`;
        await workshop.write(`${name}.ts`, source);
        await workshop.write(`${name}-queries.ts`, QUERIES[sample].replace("./models.js", `./${name}.js`));
        written.push(name);
        const load = <T>(file: string): Promise<T> => import(pathToFileURL(join(workshop.folder, file)).href);
        db.bind(...(await load<{ models: AnyModel[] }>(`${name}.ts`)).models);
        const { answers } = await load<{ answers: () => Promise<unknown> }>(`${name}-queries.ts`);
        assert.deepEqual(await answers(), ANSWERS[sample]);
      });
    }

    it("are made while the program runs, with their relations", async () => {
      await using db = await fill(engine, "library");
      const Film = await dynamicModel(db, "film");
      const films = await Film.objects.getInstances({
        where: { "language.name": "English", actors: { some: { lastName: "CHASE" } } },
        prefetch: ["actors", "inventories.rentals"],
      });
      assert.deepEqual(
        films.map(({ title, actors, inventories }) => [title, actors.length, inventories.at(0).rentals.length]),
        [["ADAPTATION HOLES", 2, 1]],
      );
    });
  });

  it("compile under strict, with their queries", async () => {
    assert.equal(new Set(written).size, 6);
    const { code, stdout } = await workshop.check();
    assert.equal(code, 0, stdout);
  });
});
