import type { Answer, Door, Visitor } from './door.ts'

interface Hop {
  readonly path: string
  readonly answer: Answer
}

/** A way along redirects. */
export interface Walk {
  readonly hops: readonly Hop[]
  /** The last answer; undefined if there was none. */
  readonly last: Hop | undefined
  /** It goes round in a circle. */
  readonly isEndless: boolean
  /** Where the last redirect leads, if it leaves the site. */
  readonly lead?: string
}

const maxHops = 10

export const cookiesIn = ({ headers }: Answer): readonly string[] => [headers['set-cookie'] ?? []].flat()

/** Without what differs between two answers of the same page, such as tokens and times. */
export const lastingText = (body: string): string => body.replace(/[\w+/=-]{16,}|\d+/g, '')

const pairOf = (cookie: string): readonly (readonly [string, string])[] => {
  const [, name, value = ''] = /^([^=;]+)=([^;]*)/.exec(cookie) ?? []
  return name === undefined ? [] : [[name, value]]
}

/** Where a redirect leads. */
const targetOf = ({ status, headers: { location } }: Answer, from: string): URL | null =>
  status >= 300 && status < 400 && location !== undefined ? URL.parse(location, from) : null

/** Follows redirects within the site, as a browser does. */
export const walkFrom = async (
  door: Pick<Door, 'visit'>,
  path: string,
  as: Visitor,
  siteUrl: string,
): Promise<Walk> => {
  const hops: Hop[] = []
  const jar = new Map<string, string>()
  let next: string | undefined = path
  while (next !== undefined && hops.length < maxHops) {
    const cookies = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await door.visit({ path: next, as, cookies })
    hops.push({ path: next, answer })
    for (const [name, value] of cookiesIn(answer).flatMap(pairOf)) jar.set(name, value)
    const target: URL | null = targetOf(answer, `${siteUrl}${next}`)
    if (target !== null && target.origin !== siteUrl) {
      return { hops, last: hops.at(-1), isEndless: false, lead: target.href }
    }
    next = target === null ? undefined : `${target.pathname}${target.search}`
  }
  return { hops, last: hops.at(-1), isEndless: next !== undefined }
}
