const plainName = 'sitewright_session'
/** Browsers accept a name with this prefix only over TLS, and bind it to one host. */
const hostName = `__Host-${plainName}`

/** The only trusted name: under the plain name, a page of another host could have set a session of its choice. */
export const sessionCookieName = (consoleUrl: string): string =>
  consoleUrl.startsWith('https:') ? hostName : plainName

const cookie = (consoleUrl: string, value: string, maxAgeSeconds: number): string => {
  const attributes = `Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax`
  const name = sessionCookieName(consoleUrl)
  return `${name}=${value}; ${attributes}${name === hostName ? '; Secure' : ''}`
}

export const sessionCookie = (consoleUrl: string, token: string, maxAgeSeconds: number): string =>
  cookie(consoleUrl, token, maxAgeSeconds)

export const endedSessionCookie = (consoleUrl: string): string => cookie(consoleUrl, '', 0)
