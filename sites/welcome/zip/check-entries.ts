import { Problem } from '../problem.ts'
import type { ZipEntry } from './read-zip.ts'

/** A small archive is harmless at any ratio: a page of zeros shrinks a thousandfold. */
const harmlessBytes = 4 * 1024 * 1024
/** Text shrinks to a tenth, pictures and films not at all. Deflate's own best is 1,032 to one. */
const largestRatio = 100

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

const checkSizes = (entries: readonly ZipEntry[], mostBytes: number): void => {
  const bytes = sum(entries.map((entry) => entry.bytes))
  const compressedBytes = sum(entries.map(({ listed }) => listed.compressedSize))
  if (bytes > mostBytes) {
    throw new Problem(400, `The package unpacks to ${bytes} bytes; ${mostBytes} are allowed.`)
  }
  if (bytes > harmlessBytes && bytes > compressedBytes * largestRatio) {
    throw new Problem(400, `The package unpacks to more than ${largestRatio} times its size. That is no course.`)
  }
}

const checkPaths = (entries: readonly ZipEntry[]): void => {
  const files = new Set<string>()
  for (const { path, isDirectory } of entries) {
    if (isDirectory) continue
    if (files.has(path)) throw new Problem(400, `The package holds ${path} twice.`)
    files.add(path)
  }
  for (const { path, isDirectory } of entries) {
    const segments = path.split('/')
    const folders = segments.map((_, index) => segments.slice(0, index + (isDirectory ? 1 : 0)).join('/'))
    const clash = folders.find((folder) => files.has(folder))
    if (clash !== undefined) throw new Problem(400, `The package holds ${clash} as a file and as a folder.`)
  }
}

/** Refuses entries that share data: they make a bomb that no ratio of single entries shows. */
const checkOverlaps = (entries: readonly ZipEntry[]): void => {
  let end = 0
  const headerOf = ({ listed }: ZipEntry): number => listed.relativeOffsetOfLocalHeader
  for (const entry of entries.toSorted((a, b) => headerOf(a) - headerOf(b))) {
    if (headerOf(entry) < end) throw new Problem(400, `The package is damaged: ${entry.path} overlaps another file.`)
    end = entry.dataAt + entry.listed.compressedSize
  }
}

/** Looks for dangers before anything is unpacked. @param mostBytes the limit for all unpacked files. @throws {Problem} 400 */
export const checkEntries = (entries: readonly ZipEntry[], mostBytes: number): void => {
  checkSizes(entries, mostBytes)
  checkPaths(entries)
  checkOverlaps(entries.filter(({ isDirectory }) => !isDirectory))
}
