import { copyFile, mkdir, open, readdir, rm, stat, truncate } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { outputBounds } from '../../core/ports/runtime.ts'
import { lastLines, withoutRepetition } from '../../lambdas/sites/evidence/evidence.ts'
import { unlessMissing } from '../durable-files/replace-file.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals' colours and other control characters are what it removes.
const controls = /\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** The lines of output, for people to read: without colours, carriage returns and other control characters. */
export const linesOf = (text: string): readonly string[] => {
  const lines = text.split('\n').map((line) => line.replace(controls, ''))
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

/** At most so many bytes of a file from an offset; nothing of a file that is not there. */
const readPart = async (file: string, from: number, max: number): Promise<Buffer> => {
  await using handle = await unlessMissing(open(file))
  if (handle === undefined) return Buffer.alloc(0)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(max), 0, max, from)
  return buffer.subarray(0, bytesRead)
}

/** The last bytes of a file as lines; the first line of a part is cut, so it is left out. */
const tailOfOne = async (file: string, end: number): Promise<readonly string[]> => {
  const from = Math.max(0, end - outputBounds.bytes)
  const lines = linesOf((await readPart(file, from, end - from)).toString('utf8'))
  return from > 0 ? lines.slice(1) : lines
}

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  )

/** The last telling lines of a log and of its older part, within the bounds of output. @param end ignores what is written after it. */
export const tailOf = async (file: string, end?: number): Promise<readonly string[]> => {
  const older = await tailOfOne(`${file}.1`, await sizeOf(`${file}.1`))
  return lastLines(withoutRepetition([...older, ...(await tailOfOne(file, end ?? (await sizeOf(file))))]))
}

const newline = 0x0a

/** The first complete lines of a part, at most as many as one answer has, and the bytes that they take. */
const completeLines = (part: Buffer): { readonly lines: readonly string[]; readonly bytes: number } => {
  let end = 0
  for (let count = 0; count < outputBounds.lines; count += 1) {
    const next = part.indexOf(newline, end)
    if (next === -1) break
    end = next + 1
  }
  // A line that is longer than a whole part.
  if (end === 0 && part.length === outputBounds.bytes) end = part.length
  return { lines: lastLines(linesOf(part.subarray(0, end).toString('utf8'))), bytes: end }
}

/**
 * Reads on in a log that `boundLog` moves aside. Without a position, its last lines.
 * @param position of an earlier answer: when the older part was made, and the bytes that were read.
 */
export const readOn = async (
  file: string,
  position: string | undefined,
): Promise<{ readonly lines: readonly string[]; readonly position: string }> => {
  const olderIn = stat(`${file}.1`).then(
    ({ mtimeMs }) => Math.floor(mtimeMs),
    () => 0,
  )
  const [older, size] = await Promise.all([olderIn, sizeOf(file)])
  const [seen = Number.NaN, offset = Number.NaN] = (position ?? '').split(':').map(Number)
  if (!Number.isSafeInteger(seen) || !Number.isSafeInteger(offset) || offset < 0)
    return { lines: await tailOf(file, size), position: `${older}:${size}` }
  const isMoved = seen !== older
  const { lines, bytes } = completeLines(await readPart(isMoved ? `${file}.1` : file, offset, outputBounds.bytes))
  // What was moved aside is read to its end before the new part.
  return { lines, position: isMoved && bytes === 0 ? `${older}:0` : `${seen}:${offset + bytes}` }
}

/** Lends an open log file, to append to, for as long as `use` takes. */
export const withLogFile = async <Result>(
  file: string,
  use: (descriptor: number) => Promise<Result>,
): Promise<Result> => {
  await mkdir(dirname(file), { recursive: true })
  await using handle = await open(file, 'a', 0o600)
  return await use(handle.fd)
}

/**
 * Moves a log to `<file>.1` once it exceeds `limit` bytes: copies and empties it, because the processes keep it open to append.
 */
export const boundLog = async (file: string, limit: number): Promise<void> => {
  const found = await unlessMissing(stat(file))
  if (found === undefined || found.size <= limit) return
  await copyFile(file, `${file}.1`)
  await truncate(file)
}

/** Deletes all logs whose names begin so; a directory that is not there needs nothing. */
export const removeLogs = async (directory: string, prefix: string): Promise<void> => {
  const names = await unlessMissing(readdir(directory))
  for (const name of names ?? []) if (name.startsWith(prefix)) await rm(join(directory, name), { force: true })
}
