/** Makes what a peer needs made: nothing yet. */
export async function generate(): Promise<void> {}
