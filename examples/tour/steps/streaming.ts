import { MemoryWatch } from "../memory.js";
import { City } from "../models.js";
import { defineStep } from "../step.js";

export const streaming = defineStep(
  import.meta.url,
  "All cities, one at a time",
  async () => {
    // #region shown
    const streamed = new MemoryWatch();
    let cities = 0;
    let northernmost: City | undefined;
    for await (const city of City.objects.stream()) {
      if (!northernmost || city.latitude > northernmost.latitude)
        northernmost = city;
      cities += 1;
      if (cities % 20_000 === 0) streamed.look();
    }

    const fetched = new MemoryWatch();
    const all = await City.objects.getInstances();
    fetched.look();
    // #endregion
    return {
      rows: [
        {
          way: "stream()",
          cities,
          "memory held": streamed.mostHeld,
        },
        {
          way: "getInstances()",
          cities: all.length,
          "memory held": fetched.mostHeld,
        },
      ],
      caption: `The northernmost is ${northernmost?.name}, at ${northernmost?.latitude}°.`,
    };
  },
);
