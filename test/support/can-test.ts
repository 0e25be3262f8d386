import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Whether tests that need something optional run. Where it is missing, one line says so; with `CI=true` that is an error,
 * since a skipped test proves nothing.
 * @param missing what is not tested, and what for want of.
 */
export const canTest = (
  isThere: boolean,
  missing: string,
  { isRequired = process.env['CI'] === 'true' }: { readonly isRequired?: boolean } = {},
): boolean => {
  if (isThere) return true
  if (isRequired) throw new Error(missing)
  process.stderr.write(`${missing}\n`)
  return false
}

/** The tests that read `/proc`; the message says what of. */
export const canTestOnLinux = (what: string): boolean =>
  canTest(process.platform === 'linux', `${what} is not tested: it works on Linux alone`)

/** The tests that need programs which are optional for users. */
export const canTestWith = (programs: readonly string[], what: string): boolean => {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const missing = programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))))
  return canTest(missing.length === 0, `${what} is not tested: ${missing.join(' and ')} not found`)
}
