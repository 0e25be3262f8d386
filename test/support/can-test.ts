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
