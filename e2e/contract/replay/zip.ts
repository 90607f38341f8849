import { crc32 } from 'node:zlib';

export interface ZipEntry {
  /** A directory's ends in `/`. */
  name: string;
  /** Unix mode with the file type. */
  mode: number;
  content: string;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const MADE_BY_UNIX = 0x0314;
const VERSION = 20;
/** 1 January 1980, the earliest a zip can say. */
const DATE = 0x21;

/** Version, flags, method (stored), time, date, checksum, sizes, name length, no extra field. */
function common({ name, content }: ZipEntry): Buffer {
  const bytes = Buffer.alloc(26);
  bytes.writeUInt16LE(VERSION, 0);
  bytes.writeUInt16LE(DATE, 8);
  bytes.writeUInt32LE(crc32(content), 10);
  bytes.writeUInt32LE(content.length, 14);
  bytes.writeUInt32LE(content.length, 18);
  bytes.writeUInt16LE(name.length, 22);
  return bytes;
}

const signature = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

function central(entry: ZipEntry, offset: number): Buffer {
  const madeBy = Buffer.alloc(2);
  madeBy.writeUInt16LE(MADE_BY_UNIX);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE((entry.mode << 16) >>> 0, 6);
  rest.writeUInt32LE(offset, 10);
  return Buffer.concat([signature(CENTRAL), madeBy, common(entry), rest, Buffer.from(entry.name)]);
}

/** A zip archive without compression: no program on the machine is sure to make one. */
export function zip(entries: ZipEntry[]): Buffer {
  const files = entries.map((entry) =>
    Buffer.concat([signature(LOCAL), common(entry), Buffer.from(entry.name + entry.content)]),
  );
  let offset = 0;
  const directory = Buffer.concat(
    entries.map((entry, index) => {
      const own = central(entry, offset);
      offset += files[index]!.length;
      return own;
    }),
  );
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, directory, signature(END), end]);
}
