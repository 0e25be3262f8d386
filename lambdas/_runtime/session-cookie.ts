const plainName = 'sitewright_session'
/** Browsers hold a name with this prefix to one host over TLS; they refuse it without TLS. */
const hostName = `__Host-${plainName}`

export const sessionCookieNames: readonly string[] = [hostName, plainName]

const cookie = (consoleUrl: string, value: string, maxAgeSeconds: number): string => {
  const secure = consoleUrl.startsWith('https:')
  const attributes = `Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax`
  return `${secure ? hostName : plainName}=${value}; ${attributes}${secure ? '; Secure' : ''}`
}

export const sessionCookie = (consoleUrl: string, token: string, maxAgeSeconds: number): string =>
  cookie(consoleUrl, token, maxAgeSeconds)

export const endedSessionCookie = (consoleUrl: string): string => cookie(consoleUrl, '', 0)
