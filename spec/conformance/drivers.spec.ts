import { eachEngine } from "../support/engines.js";
import { driverConformance } from "./suite.js";

eachEngine((engine) => {
  driverConformance("its driver", {
    ...engine,
    make: async (settings) => (await engine.fresh()).driver(settings),
  });
});
