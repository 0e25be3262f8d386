/** Reads the settings that Sitewright gives every site. @throws {Error} with every variable that is missing or wrong. */
export const readEnvironment = (variables: Readonly<Record<string, string | undefined>>) => {
  const wrong: string[] = []
  const read = (name: string, pattern: RegExp, expected: string): string => {
    const value = variables[name] ?? ''
    if (!pattern.test(value)) wrong.push(`${name} must be ${expected}`)
    return value
  }
  const environment = {
    host: variables['HOST'] || '0.0.0.0',
    port: Number(read('PORT', /^\d{1,5}$/, 'a port number')),
    dataDirectory: read('DATA_DIRECTORY', /./, 'the directory to keep data in'),
    /** The `aud` that an entitlement must have. */
    siteId: read('SITEWRIGHT_SITE_ID', /./, "this site's id"),
    /** Raw 32-byte Ed25519 public key as base64url: 43 characters. */
    rootKey: read('SITEWRIGHT_ROOT_KEY', /^[A-Za-z0-9_-]{43}$/, 'an Ed25519 public key as base64url'),
  }
  if (wrong.length > 0) throw new Error(`Cannot start: ${wrong.join('; ')}.`)
  return environment
}
