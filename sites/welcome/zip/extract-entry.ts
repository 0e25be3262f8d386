import { createReadStream, createWriteStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { writeFile } from 'node:fs/promises'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw } from 'node:zlib'
import { Problem } from '../problem.ts'
import type { ZipEntry } from './zip-entry.ts'

// APPNOTE.TXT 4.3.7: the header before each entry's data.
const headerBytes = 30
const headerSignature = 0x04034b50

/** @returns where the entry's data begins. @throws {Problem} 400 where there is no header. */
export const dataStart = async (archive: FileHandle, { path, headerOffset }: ZipEntry): Promise<number> => {
  const header = Buffer.alloc(headerBytes)
  const { bytesRead } = await archive.read(header, 0, headerBytes, headerOffset)
  if (bytesRead !== headerBytes || header.readUInt32LE(0) !== headerSignature) {
    throw new Problem(400, `The package is damaged: ${path} is not where it should be.`)
  }
  return headerOffset + headerBytes + header.readUInt16LE(26) + header.readUInt16LE(28)
}

/** Passes on what is as long, and has the sum, as the archive says; never more than that. */
const checking = ({ path, bytes, crc32: sum }: ZipEntry): Transform => {
  const wrong = () => new Problem(400, `The package is damaged: ${path} is not what its list of files says.`)
  let seen = 0
  let value = 0
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      seen += chunk.length
      value = crc32(chunk, value)
      if (seen > bytes) done(wrong())
      else done(null, chunk)
    },
    flush: (done) => done(seen === bytes && value === sum ? null : wrong()),
  })
}

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')

/**
 * Writes the data of one file of the archive into a new file, and returns once it is on disk.
 * @param start as `dataStart` gives it.
 * @throws {Problem} 400 where it is not what the archive's directory says.
 */
export const extractEntry = async (
  archive: FileHandle,
  entry: ZipEntry,
  start: number,
  target: string,
): Promise<void> => {
  if (entry.compressedBytes === 0) {
    if (entry.bytes !== 0) throw new Problem(400, `The package is damaged: ${entry.path} has no data.`)
    await writeFile(target, '', { flag: 'wx', flush: true })
    return
  }
  const source = createReadStream('', {
    fd: archive.fd,
    autoClose: false,
    start,
    end: start + entry.compressedBytes - 1,
  })
  const destination = createWriteStream(target, { flags: 'wx', flush: true })
  try {
    if (entry.isDeflated) await pipeline(source, createInflateRaw(), checking(entry), destination)
    else await pipeline(source, checking(entry), destination)
  } catch (error) {
    if (isZlibError(error)) throw new Problem(400, `The package is damaged: ${entry.path} cannot be unpacked.`)
    throw error
  }
}
