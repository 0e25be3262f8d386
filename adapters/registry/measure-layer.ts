import { posix } from 'node:path'

/** A layer that is not given to an engine. The message completes "The image of 'web' …". */
export class LayerRefused extends Error {}

/** In hexadecimal. */
export const skippableMagic = /^5[0-9a-f]2a4d18/
export const zstdMagic = '28b52ffd'

const blockBytes = 512
/** What a file system takes for an entry. Parents that have no entry of their own are made, and count too. */
const entryBytes = 4096
/** Of names and extended headers, in bytes: paths have 4,096 at most, and attributes 64 KiB. */
const longestText = 2 ** 17
const maxRecords = 1000
/** In bytes: Linux makes none that is longer. */
const longestPath = 4096
/** Of the paths of all links of a layer, which are held in memory. */
const maxLinkBytes = 2 ** 26
/** Of one entry, in bytes: what the usual file systems keep beside a file. */
const maxAttributes = 4096
/** In bytes, of a file whose content is wanted. */
const longestKept = 2 ** 20

/** Those with content, those without, and those that say more about the next entry. */
const [withContent, withoutContent, texts, anyLink] = ['07', '123456', 'xgLK', '12']

const strange = (): never => {
  throw new LayerRefused('has a layer that is no usual tar file: build it with Docker, Podman or BuildKit')
}
const sparse = (): never => {
  throw new LayerRefused('has a sparse file, whose holes would be filled: copy it without')
}

const octal = (field: string): number => {
  const digits = /^ *([0-7]*)[ \0]*$/.exec(field)?.[1] ?? strange()
  return digits === '' ? 0 : Number.parseInt(digits, 8)
}

/** Its own eight bytes count as spaces. */
const checksumOf = (block: Buffer): number => {
  let sum = 8 * 32
  for (let at = 0; at < blockBytes; at += 1) if (at < 148 || at >= 156) sum += block[at] ?? 0
  return sum
}

const textOf = (bytes: Buffer): string => bytes.toString('latin1').replace(/\0.*$/s, '')

/** The records of an extended header: `<length> <keyword>=<value>\n`. */
const recordsOf = (text: string): ReadonlyMap<string, string> => {
  const records = new Map<string, string>()
  let attributes = 0
  for (let at = 0; at < text.length; ) {
    const [, digits = ''] = /^(\d+) /.exec(text.slice(at, at + 8)) ?? strange()
    const record = text.slice(at + digits.length + 1, at + Number(digits))
    const [, keyword = '', value = ''] = /^([^=]+)=(.*)\n$/s.exec(record) ?? strange()
    if (keyword.startsWith('GNU.sparse.')) sparse()
    records.set(keyword, value)
    attributes += keyword.startsWith('SCHILY.xattr.') ? value.length : 0
    if (attributes > maxAttributes) strange()
    if (records.size > maxRecords) strange()
    at += Number(digits)
  }
  return records
}

/** An engine would unpack again what begins as a compression that it knows. The others begin with what no name begins with. */
const isTwicePacked = (first: string): boolean =>
  !/^(00|[2-7][0-9a-f])/.test(first) ||
  /^425a68/.test(first) ||
  first.startsWith(zstdMagic) ||
  skippableMagic.test(first)

const typeOf = (block: Buffer): string => block.toString('latin1', 156, 157)

/** In a header of GNU, Go takes for a prefix of the name what is no time there. */
const requireTimes = (block: Buffer): void => {
  if (block.toString('latin1', 257, 263) !== 'ustar ') return
  for (const at of [345, 357]) octal(block.toString('latin1', at, at + 12))
}

const isBelow = (links: ReadonlySet<string>, parent: string): boolean => {
  for (let at = parent.length; links.size > 0 && at > 0; at = parent.lastIndexOf('/', at - 1)) {
    if (links.has(parent.slice(0, at))) return true
  }
  return false
}

/** Storage of some kinds copies a file of this name for each hard link to it. The other one says that a directory hides those below. */
const isOwnName = (path: string): boolean => path.replace(/\.wh\.\.wh\.\.opq$/, '').includes('.wh..wh.')

const slashesIn = (text: string): number => text.split('/').length - 1

/** How many directories a path has that are not on the way to the one before: they may have to be made. */
const newDirectories = (path: string, before: string): number => {
  let shared = 0
  while (shared < path.length && path[shared] === before[shared]) shared += 1
  return slashesIn(path.slice(shared))
}

/** Before a header for all entries, some programs forget what the one for the next says. An empty one takes back what was said, or does not. */
const isMisleading = (type: string, size: number, told: object): boolean =>
  type === 'g' ? Object.keys(told).length > 0 : size === 0

/**
 * Adds up what a tar file of a layer takes on a disk. Takes only what programs agree on: what is strange in any way is refused, since an engine could
 * see other entries in it.
 * @param wanted the absolute paths of files whose content is kept.
 * @throws {LayerRefused}
 */
export const createTarMeasure = (wanted: readonly string[] = []) => {
  let [bytes, entries] = [0, 0]
  let rest: Buffer = Buffer.alloc(0)
  /** Of content that is left, with what fills its last block. */
  let content = 0
  let text: { readonly type: string; readonly size: number; readonly blocks: Buffer[] } | undefined
  /** What an extended header and a long name say about the next entry. */
  let told: { readonly records?: ReadonlyMap<string, string>; readonly name?: string } = {}
  let before = ''
  /** The symbolic and hard links so far, as absolute paths. Engines follow those on the way to an entry, and make the directories of their targets. */
  const links = new Set<string>()
  let linkBytes = 0
  let [zeros, isFirst] = [0, true]
  const kept = new Map<string, Buffer>()
  /** The file that is being kept, or nothing. */
  let [into, filled] = [Buffer.alloc(0), 0]

  const endText = (type: string, read: Buffer): void => {
    if (type === 'L') told = { ...told, name: textOf(read) || strange() }
    if (type === 'g' && recordsOf(read.toString('latin1')).has('path')) strange()
    if (type !== 'x') return
    // Of two, some programs take both, and others the last.
    if (told.records !== undefined) strange()
    told = { ...told, records: recordsOf(read.toString('latin1')) }
  }

  const sizeOf = (block: Buffer): number => {
    const size = told.records?.get('size') || undefined
    if (size === undefined) return octal(block.toString('latin1', 124, 136))
    return /^\d{1,15}$/.test(size) ? Number(size) : strange()
  }

  const pathOf = (block: Buffer): string => {
    requireTimes(block)
    const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? textOf(block.subarray(345, 500)) : ''
    const name = textOf(block.subarray(0, 100))
    return told.name ?? (told.records?.get('path') || (prefix === '' ? name : `${prefix}/${name}`))
  }

  const count = (path: string, isLink = false): void => {
    if (path.length > longestPath) strange()
    const clean = posix.resolve('/', path)
    if (isBelow(links, posix.dirname(clean))) strange()
    if (isLink) {
      links.add(clean)
      linkBytes += clean.length
      if (linkBytes > maxLinkBytes) strange()
    }
    const made = 1 + newDirectories(path, before)
    entries += made
    bytes += entryBytes * made
    before = path
  }

  const keep = (path: string, type: string, size: number): void => {
    const clean = posix.resolve('/', path)
    const isWanted = wanted.includes(clean)
    // Of two, some programs take the first, and others the last. Some follow a link.
    if (isWanted && (kept.has(clean) || type !== '0' || size > longestKept)) strange()
    into = Buffer.alloc(isWanted ? size : 0)
    filled = 0
    if (isWanted) kept.set(clean, into)
  }

  const readEntry = (block: Buffer, hasContent: boolean): void => {
    const [path, size] = [pathOf(block), sizeOf(block)]
    // Some programs take it for a directory then, and its content for entries.
    if ((hasContent && size > 0 && path.endsWith('/')) || isOwnName(path)) strange()
    count(path, anyLink.includes(typeOf(block)))
    keep(path, typeOf(block), size)
    told = {}
    content = hasContent ? Math.ceil(size / blockBytes) * blockBytes : 0
  }

  const readTextHeader = (block: Buffer, type: string): void => {
    const size = octal(block.toString('latin1', 124, 136))
    if (size > longestText || isMisleading(type, size, told)) strange()
    // Some make the directories of such a name.
    if (type === 'g') count(pathOf(block))
    else bytes += entryBytes
    if (size > 0) text = { type, size, blocks: [] }
  }

  const readHeader = (block: Buffer): void => {
    if (octal(block.toString('latin1', 148, 156)) !== checksumOf(block)) strange()
    const type = typeOf(block)
    if (type === 'S') sparse()
    if (texts.includes(type)) readTextHeader(block, type)
    else if (withContent.includes(type) || withoutContent.includes(type)) readEntry(block, withContent.includes(type))
    else strange()
  }

  const readBlock = (block: Buffer): void => {
    if (isFirst && isTwicePacked(block.toString('hex', 0, 4))) strange()
    isFirst = false
    if (text !== undefined) {
      const { type, size, blocks } = text
      blocks.push(Buffer.from(block))
      if (blocks.length * blockBytes < size) return
      text = undefined
      endText(type, Buffer.concat(blocks).subarray(0, size))
      return
    }
    if (block.every((byte) => byte === 0)) zeros += 1
    else if (zeros === 0) readHeader(block)
    else strange()
  }

  return {
    /** @returns how many bytes it takes so far. */
    add: (chunk: Buffer): number => {
      const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let at = 0
      // Two blocks of zeros are its end, whatever follows.
      while (zeros < 2 && at < data.length) {
        const taken = Math.min(content, data.length - at)
        // It ends where the file is full: padding follows.
        filled += data.copy(into, filled, at, at + taken)
        content -= taken
        at += taken
        if (data.length - at < blockBytes) break
        if (content === 0) {
          readBlock(data.subarray(at, at + blockBytes))
          at += blockBytes
        }
      }
      rest = zeros < 2 ? Buffer.from(data.subarray(at)) : Buffer.alloc(0)
      bytes += chunk.length
      return bytes
    },
    /** To be called at its end: what is shorter than a block may be something else. @returns how many files and directories it makes. */
    end: (): number => (rest.length > 0 || content > 0 || text !== undefined ? strange() : entries),
    /** What a file has that is wanted; undefined if there is none. */
    contentOf: (path: string): string | undefined => kept.get(path)?.toString(),
  }
}
