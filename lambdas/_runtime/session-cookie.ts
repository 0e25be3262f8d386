/** The cookies of this host. A page of another site sends `Lax` ones only with a visit, and `Strict` ones never. */
const cookies = {
  owner: { plainName: 'sitewright_session', sameSite: 'Lax' },
  operator: { plainName: 'sitewright_operator', sameSite: 'Strict' },
  // The identity provider's page sends the browser back with it.
  signIn: { plainName: 'sitewright_operator_sign_in', sameSite: 'Lax' },
} as const

export type CookieKind = keyof typeof cookies

/**
 * The only trusted name: under the plain name, a page of another host could have set a cookie of its choice. Browsers accept a
 * name with the prefix only over TLS, and bind it to one host.
 */
const cookieName = (consoleUrl: string, kind: CookieKind): string =>
  consoleUrl.startsWith('https:') ? `__Host-${cookies[kind].plainName}` : cookies[kind].plainName

export const hostCookie = (
  consoleUrl: string,
  kind: CookieKind,
  { value, maxAgeSeconds }: { readonly value: string; readonly maxAgeSeconds: number },
): string => {
  const attributes = `Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=${cookies[kind].sameSite}`
  return `${cookieName(consoleUrl, kind)}=${value}; ${attributes}${consoleUrl.startsWith('https:') ? '; Secure' : ''}`
}

export const endedCookie = (consoleUrl: string, kind: CookieKind): string =>
  hostCookie(consoleUrl, kind, { value: '', maxAgeSeconds: 0 })

export const readCookie = (
  consoleUrl: string,
  kind: CookieKind,
  sent: readonly string[] | undefined = [],
): string | undefined => {
  for (const cookie of sent) {
    const [name, value] = cookie.split('=', 2)
    if (name?.trim() === cookieName(consoleUrl, kind)) return value?.trim()
  }
  return undefined
}
