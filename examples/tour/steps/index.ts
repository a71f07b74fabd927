import type { Step } from "../step.js";
import { acrossRelations } from "./across-relations.js";
import { aggregates } from "./aggregates.js";
import { chain } from "./chain.js";
import { conditions } from "./conditions.js";
import { constraintError } from "./constraint-error.js";
import { customFinder } from "./custom-finder.js";
import { drawing } from "./drawing.js";
import { exporting } from "./exporting.js";
import { foundModels } from "./found-models.js";
import { joining } from "./joining.js";
import { languages } from "./languages.js";
import { largestCities } from "./largest-cities.js";
import { lazyReads } from "./lazy-reads.js";
import { manyUpdates } from "./many-updates.js";
import { neighbours } from "./neighbours.js";
import { ownSql } from "./own-sql.js";
import { page } from "./page.js";
import { preview } from "./preview.js";
import { readerBeside } from "./reader-beside.js";
import { reflecting } from "./reflecting.js";
import { slowestStatements } from "./slowest.js";
import { softDelete } from "./soft-delete.js";
import { streaming } from "./streaming.js";
import { tampering } from "./tampering.js";
import { transactions } from "./transactions.js";
import { twoBorders } from "./two-borders.js";
import { unitOfWork } from "./unit-of-work.js";
import { updating } from "./updating.js";
import { upserts } from "./upserts.js";
import { validation } from "./validation.js";
import { windows } from "./windows.js";

/** The steps of the tour, in their order; a new one is a file of its own and a line here. */
export const steps: readonly Step[] = [
  customFinder,
  conditions,
  chain,
  page,
  aggregates,
  ownSql,
  joining,
  windows,
  largestCities,
  lazyReads,
  acrossRelations,
  neighbours,
  twoBorders,
  languages,
  updating,
  manyUpdates,
  transactions,
  readerBeside,
  preview,
  constraintError,
  validation,
  softDelete,
  tampering,
  unitOfWork,
  upserts,
  streaming,
  exporting,
  reflecting,
  foundModels,
  drawing,
  slowestStatements,
];
