import { bytesOf } from '../files/held-tree.ts'
import { type EntryHead, textOf } from './manifest-entry.ts'

/** Everything in a tar file comes in blocks of this size. */
const tarBlock = 512

/** The end of a tar file. */
export const tarEnd: Buffer = Buffer.alloc(2 * tarBlock)

/** The bytes after content that fill its last block. */
export const tarPadding = (size: number): Buffer => Buffer.alloc((tarBlock - (size % tarBlock)) % tarBlock)

const typeFlags = { file: '0', hardlink: '1', symlink: '2', directory: '5', pax: 'x' } as const

const longestName = 100
const largestNumber = 8 ** 11 - 1

const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`

/** One block of the POSIX `ustar` interchange format. It names no owner: the user who unpacks it owns the files. */
const headerBlock = (header: {
  readonly name: string
  readonly mode: number
  readonly size: number
  readonly seconds: number
  readonly type: keyof typeof typeFlags
  readonly target: string
}): Buffer => {
  const block = Buffer.alloc(tarBlock)
  block.write(header.name.slice(0, longestName), 0, 'latin1')
  block.write(octal(header.mode, 7), 100, 'latin1')
  block.write(octal(0, 7), 108, 'latin1')
  block.write(octal(0, 7), 116, 'latin1')
  block.write(octal(header.size <= largestNumber ? header.size : 0, 11), 124, 'latin1')
  block.write(octal(Math.min(Math.max(header.seconds, 0), largestNumber), 11), 136, 'latin1')
  block.write('        ', 148, 'latin1')
  block.write(typeFlags[header.type], 156, 'latin1')
  block.write(header.target.slice(0, longestName), 157, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${octal(sum, 6)} `, 148, 'latin1')
  return block
}

/** A record of a pax header: its length counts its own digits. */
const paxRecord = (keyword: string, value: string): string => {
  const rest = ` ${keyword}=${value}\n`
  const length = [1, 2, 3, 4, 5].find((digits) => String(rest.length + digits).length === digits) ?? 0
  return `${rest.length + length}${rest}`
}

const isPlain = (name: string): boolean => name.length <= longestName && /^[\x20-\x7e]*$/.test(name)

const isUtf8 = (name: string): boolean => textOf(name) !== undefined

/** The fields that do not fit into the block. All strings have one character per byte. */
const paxRecords = (name: string, target: string, { mtime }: EntryHead, size: number): string => {
  const names = [
    ...(isPlain(name) ? [] : [paxRecord('path', name)]),
    ...(isPlain(target) ? [] : [paxRecord('linkpath', target)]),
  ]
  return [
    ...(isUtf8(name) && isUtf8(target) ? [] : [paxRecord('hdrcharset', 'BINARY')]),
    ...names,
    ...(size > largestNumber ? [paxRecord('size', String(size))] : []),
    ...(/^\d+$/.test(mtime) && Number(mtime) <= largestNumber ? [] : [paxRecord('mtime', mtime)]),
  ].join('')
}

/**
 * The bytes before an entry's content in the tar file. They must never change while there are archives of version 1: reading
 * compares with them. @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */
export const tarHeader = (entry: EntryHead): Buffer => {
  const size = entry.type === 'file' ? entry.size : 0
  const name = entry.type === 'directory' ? `${entry.path}/` : entry.path
  const target = 'target' in entry ? entry.target : ''
  const seconds = Math.floor(Number(entry.mtime))
  const records = bytesOf(paxRecords(name, target, entry, size))
  const block = headerBlock({ name, mode: entry.mode, size, seconds, type: entry.type, target })
  if (records.length === 0) return block
  const pax = { name: 'pax', mode: 0o600, size: records.length, seconds: 0, type: 'pax', target: '' } as const
  return Buffer.concat([headerBlock(pax), records, tarPadding(records.length), block])
}
