/** The session of the console, under both names it can have. No site may see it. */
const consoleCookies: ReadonlySet<string> = new Set(['sitewright_session', '__host-sitewright_session'])

/** A Cookie field without the console's cookies, or undefined where nothing else is in it. */
export const withoutConsoleCookies = (field: string): string | undefined => {
  if (!field.toLowerCase().includes('sitewright_session')) return field
  const kept = field.split(';').filter((pair) => !consoleCookies.has(cookieName(pair)))
  return kept.some((pair) => pair.trim() !== '') ? kept.join(';').trim() : undefined
}

const cookieName = (pair: string): string => (pair.split('=', 1)[0] ?? '').trim().toLowerCase()
