/*
 * MessagePack, as far as ids and records want it: https://github.com/msgpack/msgpack/blob/master/spec.md. Every value has one
 * form, the shortest, but that a number is an integer of 32 bits or a float of 64, and only a bigint an integer of 64.
 */

import { kindOf } from "../text.js";

const usualSize = 8192;

/** Where values are packed, one at a time; the bytes are copied out. */
let target = Buffer.allocUnsafeSlow(usualSize);
let end = 0;

/** The bytes of a value that is of `null`, booleans, numbers, bigints, text, bytes, dates, lists and Maps. */
export function pack(value: unknown): Uint8Array {
  end = 0;
  write(value);
  const bytes = Buffer.from(target.subarray(0, end));
  if (target.length > usualSize) target = Buffer.allocUnsafeSlow(usualSize);
  return bytes;
}

/**
 * The bytes of a Map without those of its entries whose values are null. They are there until the next are packed.
 *
 * @param keys in their order, packed
 */
export function packEntries(keys: readonly Uint8Array[], values: readonly unknown[]): Uint8Array {
  end = 0;
  let size = 0;
  for (const value of values) if (value !== null) size++;
  writeHead(size, 0x80, 15, MAPS);
  values.forEach((value, i) => {
    if (value === null) return;
    writeRaw(keys[i] as Uint8Array);
    write(value);
  });
  const bytes = target.subarray(0, end);
  if (target.length > usualSize) target = Buffer.allocUnsafeSlow(usualSize);
  return bytes;
}

function writeRaw(bytes: Uint8Array): void {
  const at = reserve(bytes.length);
  target.set(bytes, at);
}

function write(value: unknown): void {
  if (typeof value === "string") writeText(value);
  else if (typeof value === "number") writeNumber(value);
  else if (value === null) writeByte(0xc0);
  else if (typeof value === "boolean") writeByte(value ? 0xc3 : 0xc2);
  else if (typeof value === "bigint") writeBigint(value);
  else if (value instanceof Map) writeMap(value);
  else if (Array.isArray(value)) writeList(value);
  else if (value instanceof Uint8Array) writeBytes(value);
  else if (value instanceof Date) writeDate(value);
  else throw new TypeError(`msgpack can't hold ${kindOf(value)}`);
}

/** Makes room for so many bytes, and gives the place of the first. */
function reserve(size: number): number {
  const start = end;
  end += size;
  if (end > target.length) {
    const larger = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(end)));
    target.copy(larger, 0, 0, start);
    target = larger;
  }
  return start;
}

function writeByte(byte: number): void {
  const at = reserve(1);
  target[at] = byte;
}

const TEXTS = [0xd9, 0xda, 0xdb] as const;
const MAPS = [undefined, 0xde, 0xdf] as const;

/** What follows, and how long it is, in one byte or more. `types` has the first byte of a length of one, two and four bytes. */
function writeHead(length: number, short: number, most: number, types: readonly [number | undefined, number, number]) {
  if (length <= most) return writeByte(short | length);
  const [one, two, four] = types;
  if (length < 0x100 && one !== undefined) {
    writeByte(one);
    writeByte(length);
  } else if (length < 0x10000) {
    writeByte(two);
    writeUnsigned16(length);
  } else {
    writeByte(four);
    writeUnsigned32(length);
  }
}

function writeText(text: string): void {
  if (text.length < 32 && writeShort(text)) return;
  const length = Buffer.byteLength(text);
  writeHead(length, 0xa0, 31, TEXTS);
  const at = reserve(length);
  target.write(text, at);
}

/** Short texts are mostly ASCII, and copied at once, without a call into the engine; false for others. */
function writeShort(text: string): boolean {
  const start = reserve(text.length + 1);
  target[start] = 0xa0 | text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) {
      end = start;
      return false;
    }
    target[start + 1 + i] = code;
  }
  return true;
}

function writeBytes(bytes: Uint8Array): void {
  // No length is so short that it has no byte of its own.
  writeHead(bytes.length, 0, -1, [0xc4, 0xc5, 0xc6]);
  writeRaw(bytes);
}

function writeList(list: readonly unknown[]): void {
  writeHead(list.length, 0x90, 15, [undefined, 0xdc, 0xdd]);
  for (const item of list) write(item);
}

function writeMap(map: ReadonlyMap<unknown, unknown>): void {
  writeHead(map.size, 0x80, 15, MAPS);
  for (const [key, value] of map) {
    write(key);
    write(value);
  }
}

function writeNumber(value: number): void {
  if (value >>> 0 === value) {
    writeUnsigned(value);
  } else if (value >> 0 !== value) {
    writeByte(0xcb);
    const at = reserve(8);
    target.writeDoubleBE(value, at);
  } else if (value >= -0x20) {
    writeByte(value & 0xff);
  } else if (value >= -0x80) {
    writeByte(0xd0);
    const at = reserve(1);
    target.writeInt8(value, at);
  } else if (value >= -0x8000) {
    writeByte(0xd1);
    const at = reserve(2);
    target.writeInt16BE(value, at);
  } else {
    writeByte(0xd2);
    const at = reserve(4);
    target.writeInt32BE(value, at);
  }
}

function writeUnsigned(value: number): void {
  if (value < 0x80) {
    writeByte(value);
  } else if (value < 0x100) {
    writeByte(0xcc);
    writeByte(value);
  } else if (value < 0x10000) {
    writeByte(0xcd);
    writeUnsigned16(value);
  } else {
    writeByte(0xce);
    writeUnsigned32(value);
  }
}

function writeUnsigned16(value: number): void {
  const at = reserve(2);
  target.writeUInt16BE(value, at);
}

function writeUnsigned32(value: number): void {
  const at = reserve(4);
  target.writeUInt32BE(value, at);
}

function writeBigint(value: bigint): void {
  const isSigned = value < 2n ** 63n;
  writeByte(isSigned ? 0xd3 : 0xcf);
  const at = reserve(8);
  if (isSigned) target.writeBigInt64BE(value, at);
  else target.writeBigUInt64BE(value, at);
}

/** A timestamp, of 32 bits where it is of whole seconds, else of 64, and of 96 before 1970 and from 2106 on. */
function writeDate(date: Date): void {
  const seconds = Math.floor(date.getTime() / 1000);
  const milliseconds = date.getTime() - seconds * 1000;
  if (seconds < 0 || seconds >= 2 ** 32) {
    writeByte(0xc7);
    writeByte(12);
    writeByte(0xff);
    writeUnsigned32(milliseconds * 1e6);
    const at = reserve(8);
    target.writeBigInt64BE(BigInt(seconds), at);
    return;
  }
  writeByte(milliseconds === 0 ? 0xd6 : 0xd7);
  writeByte(0xff);
  // Nanoseconds, in the upper 30 of 64 bits.
  if (milliseconds > 0) writeUnsigned32(milliseconds * 4e6);
  writeUnsigned32(seconds);
}
