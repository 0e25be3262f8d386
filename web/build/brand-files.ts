import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ConfigError } from '../../core/errors.ts'
import type { BuildSettings } from '../settings.ts'
import { web } from './bundle.ts'

const repository = join(web, '..')

/** More would make the first page slow. */
const maxBytes = 1_000_000

/**
 * @param file absolute, or from the root of the repository.
 * @throws {ConfigError} that names the file of an offer that is missing or too large.
 */
export const readBrandFile = async (file: string): Promise<Buffer> => {
  const path = resolve(repository, file)
  const content = await readFile(path).catch(() => undefined)
  if (content === undefined) throw new ConfigError(`'${path}', which an offer names, cannot be read`)
  if (content.length <= maxBytes) return content
  throw new ConfigError(`'${path}', which an offer names, has ${content.length} bytes: at most ${maxBytes} are allowed`)
}

export const pictures = ['picture', 'touchIcon'] as const

/** Reads all files that offers name. @throws {ConfigError} for one that is missing or too large. */
export const readBrandFiles = (settings: readonly BuildSettings[]): Promise<readonly Buffer[]> => {
  const files = settings.flatMap(({ logo, mark, landing }) => [
    logo,
    mark?.file,
    ...pictures.map((name) => landing[name]),
  ])
  return Promise.all(files.flatMap((file) => (file === undefined ? [] : [readBrandFile(file)])))
}
