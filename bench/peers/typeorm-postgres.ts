import { DataSource } from "typeorm";
import type { OpenSubject } from "../subject.js";
import { entitiesOf } from "./typeorm-entities.js";
import { subjectOf } from "./typeorm-subject.js";

export const open: OpenSubject = async (location) => {
  const source = new DataSource({
    type: "postgres",
    url: location,
    poolSize: 10,
    entities: entitiesOf("postgres"),
  });
  return subjectOf(await source.initialize(), "postgres");
};
