import { createReadStream, createWriteStream } from 'node:fs'
import { type FileHandle, writeFile } from 'node:fs/promises'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw } from 'node:zlib'
import { Problem } from '../problem.ts'
import type { ZipEntry } from './read-zip.ts'

/** Passes data on, never more than the archive says, and fails unless size and checksum are what it says. */
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

/** Unpacks a file of the archive into a new file, and returns once it is on disk. @throws {Problem} 400 where it is damaged. */
export const extractEntry = async (archive: FileHandle, entry: ZipEntry, target: string): Promise<void> => {
  if (entry.compressedBytes === 0) {
    if (entry.bytes !== 0) throw new Problem(400, `The package is damaged: ${entry.path} has no data.`)
    await writeFile(target, '', { flag: 'wx', flush: true })
    return
  }
  const source = createReadStream('', {
    fd: archive.fd,
    autoClose: false,
    start: entry.dataAt,
    end: entry.dataAt + entry.compressedBytes - 1,
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
