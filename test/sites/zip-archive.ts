import { crc32, deflateRawSync } from 'node:zlib'

/** A file of an archive, and every lie about it that the archive can be made to tell. */
export interface PackedFile {
  /** Bytes, for names that are no UTF-8. */
  readonly name: string | Uint8Array
  readonly data?: string | Uint8Array
  readonly isStored?: boolean
  readonly method?: number
  readonly flags?: number
  /** POSIX's kind and permissions. */
  readonly mode?: number
  readonly declaredBytes?: number
  readonly declaredSum?: number
  /** Where the list of files says that it is, in place of where it is. */
  readonly headerOffset?: number
  /** Its data is another file's. */
  readonly isOnlyListed?: boolean
}

const numbers = (...fields: readonly [value: number, bytes: 2 | 4][]): Buffer =>
  Buffer.concat(
    fields.map(([value, bytes]) => {
      const field = Buffer.alloc(bytes)
      if (bytes === 2) field.writeUInt16LE(value)
      else field.writeUInt32LE(value)
      return field
    }),
  )

interface ArchiveLies {
  readonly count?: number
  readonly directoryAt?: number
  readonly disk?: number
}

/** An archive as APPNOTE.TXT describes it, made by hand: no program would make the ones that are to be refused. */
export const zipOf = (files: readonly PackedFile[], lies: ArchiveLies = {}): Buffer => {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const file of files) {
    const name = Buffer.from(file.name)
    const data = Buffer.from(file.data ?? '')
    const [ownMethod, packed] = file.isStored ? [0, data] : [8, deflateRawSync(data)]
    const method = file.method ?? ownMethod
    const shared = numbers(
      [file.flags ?? 0x0800, 2],
      [method, 2],
      [0, 4],
      [file.declaredSum ?? crc32(data), 4],
      [packed.length, 4],
      [file.declaredBytes ?? data.length, 4],
      [name.length, 2],
      [0, 2],
    )
    const local = file.isOnlyListed
      ? Buffer.alloc(0)
      : Buffer.concat([numbers([0x04034b50, 4], [20, 2]), shared, name, packed])
    directory.push(
      Buffer.concat([
        numbers([0x02014b50, 4], [0x0314, 2], [20, 2]),
        shared,
        numbers([0, 2], [0, 2], [0, 2], [((file.mode ?? 0o100644) << 16) >>> 0, 4], [file.headerOffset ?? at, 4]),
        name,
      ]),
    )
    parts.push(local)
    at += local.length
  }
  const list = Buffer.concat(directory)
  const count = lies.count ?? files.length
  const disk = lies.disk ?? 0
  const end = numbers(
    [0x06054b50, 4],
    [disk, 2],
    [0, 2],
    [count, 2],
    [count, 2],
    [list.length, 4],
    [lies.directoryAt ?? at, 4],
    [0, 2],
  )
  return Buffer.concat([...parts, list, end])
}
