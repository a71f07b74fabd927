import { Country } from "../models.js";
import { defineStep } from "../step.js";

export const twoBorders = defineStep(
  import.meta.url,
  "Neighbours of neighbours, of every country",
  async (sent) => {
    // #region shown
    const countries = await Country.objects.getInstances({
      prefetch: "neighbours.neighbours",
    });
    const reach = countries.map((country) => {
      const names = new Set<string>();
      for (const neighbour of country.neighbours) {
        names.add(neighbour.name);
        for (const { name } of neighbour.neighbours) names.add(name);
      }
      names.delete(country.name);
      return {
        country: country.name,
        neighbours: country.neighbours.length,
        "within two borders": names.size,
      };
    });
    // #endregion
    const most = reach.sort(
      (a, b) =>
        b["within two borders"] - a["within two borders"] ||
        a.country.localeCompare(b.country, "en"),
    );
    return {
      rows: most.slice(0, 5),
      caption: `Statements sent for all ${countries.length} countries: ${sent.length}, one for each step of the path.`,
    };
  },
);
