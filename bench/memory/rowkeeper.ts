import { openDatabase, User } from "../subjects/rowkeeper.js";
import { batchSize, inBatches, type OpenReader, type RowkeeperWay } from "./reader.js";

type Batches = (limit: number) => AsyncIterable<readonly User[]>;

const ways: Record<RowkeeperWay, Batches> = {
  stream: (limit) => inBatches(User.objects.stream({ limit })),
  chunk: (limit) => User.objects.chunk(batchSize, { limit }),
  async *"stream-in-transaction"(limit) {
    await using tx = User.objects.transaction();
    // A write, as most transactions have one; of what is there already.
    await tx.update({ id: 1 }, { active: true });
    yield* inBatches(tx.stream({ limit }));
    await tx.rollback();
  },
  async *"at-once"(limit) {
    yield await User.objects.getInstances({ limit });
  },
};

export const open: OpenReader<RowkeeperWay> = async (location, way) => {
  const db = openDatabase(location);
  return { batches: ways[way], close: () => db.close() };
};
