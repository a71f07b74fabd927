/**
 * What MessagePack's bytes say, maps as Maps and integers of 64 bits as bigints.
 *
 * @throws RangeError for bytes that end too soon or too late, or that nothing begins with
 */
export function unpackAll(bytes: Uint8Array): unknown {
  const reader = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const value = reader.read();
  reader.finish();
  return value;
}

class Reader {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  finish(): void {
    if (this.#at !== this.bytes.length) throw new RangeError("more bytes than one value has");
  }

  read(): unknown {
    const type = this.#unsigned(1);
    if (type < 0x80) return type;
    if (type < 0x90) return this.#map(type & 15);
    if (type < 0xa0) return this.#list(type & 15);
    if (type < 0xc0) return this.#text(type & 31);
    if (type >= 0xe0) return type - 0x100;
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#take(this.#unsigned(2 ** (type - 0xc4)));
      case 0xc7:
        return this.#extension(this.#unsigned(1));
      case 0xca:
        return this.#take(4).readFloatBE();
      case 0xcb:
        return this.#take(8).readDoubleBE();
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#unsigned(2 ** (type - 0xcc));
      case 0xcf:
        return this.#take(8).readBigUInt64BE();
      case 0xd0:
      case 0xd1:
      case 0xd2:
        return this.#signed(2 ** (type - 0xd0));
      case 0xd3:
        return this.#take(8).readBigInt64BE();
      case 0xd6:
      case 0xd7:
        return this.#extension(type === 0xd6 ? 4 : 8);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#unsigned(2 ** (type - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#list(this.#unsigned(type === 0xdc ? 2 : 4));
      case 0xde:
      case 0xdf:
        return this.#map(this.#unsigned(type === 0xde ? 2 : 4));
      default:
        throw new RangeError("no value begins so");
    }
  }

  #take(length: number): Buffer {
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.bytes.length) throw new RangeError("fewer bytes than one value has");
    return this.bytes.subarray(start, this.#at);
  }

  #unsigned(length: number): number {
    return this.#take(length).readUIntBE(0, length);
  }

  #signed(length: number): number {
    return this.#take(length).readIntBE(0, length);
  }

  #text(length: number): string {
    return this.#take(length).toString();
  }

  #list(length: number): unknown[] {
    const list: unknown[] = [];
    for (let i = 0; i < length; i++) list.push(this.read());
    return list;
  }

  #map(size: number): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>();
    for (let i = 0; i < size; i++) {
      const key = this.read();
      map.set(key, this.read());
    }
    return map;
  }

  /** Timestamps are all there are. */
  #extension(length: number): Date {
    if (this.#signed(1) !== -1) throw new RangeError("an extension that isn't known");
    if (length === 4) return new Date(this.#unsigned(4) * 1000);
    if (length === 8) {
      // Nanoseconds in 30 bits, seconds in 34.
      const first = this.#unsigned(4);
      const seconds = (first % 4) * 2 ** 32 + this.#unsigned(4);
      return new Date(seconds * 1000 + Math.floor(first / 4 / 1e6));
    }
    if (length !== 12) throw new RangeError("a timestamp of no known length");
    const nanoseconds = this.#unsigned(4);
    return new Date(Number(this.#take(8).readBigInt64BE()) * 1000 + Math.floor(nanoseconds / 1e6));
  }
}
