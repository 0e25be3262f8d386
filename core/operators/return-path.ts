const base = '/operator/'

/** Only what a page of ours needs: no backslash, which browsers read as a slash, and no control characters. */
const allowed = /^\/operator\/[\w\-.~!$&'()*+,;=:@%/?]*$/

/** The path below `/operator/` that a browser may go to after the sign-in; `/operator/` for anything else. */
export const returnPath = (wanted: string | undefined, consoleUrl: string): string => {
  if (wanted === undefined || !allowed.test(wanted)) return base
  const url = URL.parse(wanted, consoleUrl)
  if (url === null || url.origin !== new URL(consoleUrl).origin || !url.pathname.startsWith(base)) return base
  return `${url.pathname}${url.search}`
}
