import { Sequelize } from "sequelize";
import type { OpenSubject } from "../subject.js";
import { defineModels } from "./sequelize-models.js";
import { subjectOf } from "./sequelize-subject.js";

export const open: OpenSubject = async (location) => {
  const sequelize = new Sequelize(location, { dialect: "postgres", pool: { max: 10 }, logging: false });
  defineModels(sequelize, "postgres");
  return subjectOf(sequelize);
};
