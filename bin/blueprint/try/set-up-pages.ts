import { publicPagesFor, setUpsOf } from '../../../lambdas/blueprints/strangers.ts'
import type { Door } from './door.ts'
import { type Finding, fewOf, findingsOf } from './findings.ts'
import type { Visited } from './visit-checks.ts'
import { lastingText, walkFrom } from './walk.ts'

const signInPath = /(?:^|\/)(?:log-?_?in|sign-?_?in|auth|authorize|sso|session)(?:[./_-]|$)/i

const signInWords = /type\s*=\s*["']?password|\b(?:log|sign)[ -]?in\b/i

/** The page that strangers and the owner see alike, where nobody is asked to sign in; undefined if there is none. */
const sharedPageOf = async (door: Pick<Door, 'visit'>, url: string): Promise<string | undefined> => {
  const { last: own } = await walkFrom(door, '/', 'owner', url)
  const { last, hops } = await walkFrom(door, '/', 'stranger', url)
  if (own === undefined || last === undefined) return undefined
  const { status, body } = last.answer
  const isSame = status === own.answer.status && lastingText(body) === lastingText(own.answer.body)
  const asks = signInWords.test(body) || hops.some(({ path }) => signInPath.test(path.split('?', 1)[0] ?? path))
  return status >= 200 && status < 300 && isSame && !asks ? last.path : undefined
}

const noSetUp = 'Strangers find no page that looks like a set-up.'

/** Notes it where strangers, who find no set-up page, see what the owner sees. */
const withoutSetUp = async (check: string, door: Pick<Door, 'visit'>, url: string): Promise<Finding> => {
  const { ok, note } = findingsOf(check)
  const page = await sharedPageOf(door, url)
  if (page === undefined) return ok(noSetUp)
  return note(
    `Strangers see the same at ${page} as the owner, and that page does not ask them to sign in, unless a script does.`,
    'If people can do there what only the owner may, let only owners in (`access: owner`).',
  )
}

const ifPublic = (pages: readonly string[], before?: readonly string[]): string => {
  const field = publicPagesFor(pages, before)
  return field ? ` If nobody becomes its administrator there, say that it is for everybody: \`${field}\`.` : ''
}

/** Warns where strangers reach a page that looks like a set-up, before the site is handed over. */
export const checkSetUpPages = async (
  door: Pick<Door, 'visit'>,
  { url, blueprint }: Omit<Visited, 'endpoint'>,
): Promise<Finding> => {
  const check = 'strangers'
  const { ok, note, wrong } = findingsOf(check)
  const { access, handOver, publicPages } = blueprint
  const pages = await setUpsOf((path) => walkFrom(door, path, 'stranger', url), publicPages)
  if (pages.length === 0) {
    // A hand-over may still close it.
    if (access === 'public' && handOver === undefined) return withoutSetUp(check, door, url)
    return ok(noSetUp)
  }
  const where = `${fewOf(pages)} looks like a set-up page`
  if (access === 'owner') return note(`${where}; \`access: owner\` turns strangers away.`)
  if (access !== 'public' && handOver !== undefined) return note(`${where}; strangers are let in after the hand-over.`)
  const change = 'Let only owners in (`access: owner`), or hand the site over before it opens (`handOver`).'
  return wrong(`Strangers can reach an administrable site: ${where}.`, `${change}${ifPublic(pages, publicPages)}`)
}

/** Warns where strangers still reach such a page after the hand-over, when they are let in. */
export const checkHandedOver = async (
  door: Pick<Door, 'visit'>,
  { url, blueprint: { publicPages } }: Omit<Visited, 'endpoint'>,
): Promise<Finding> => {
  const check = 'after the hand-over'
  const pages = await setUpsOf((path) => walkFrom(door, path, 'stranger', url), publicPages)
  if (pages.length === 0) return withoutSetUp(check, door, url)
  return findingsOf(check).wrong(
    `Strangers can still reach an administrable site: ${fewOf(pages)} looks like a set-up page.`,
    `Close it once the product has its owner, or let only owners in (\`access: owner\`).${ifPublic(pages, publicPages)}`,
  )
}
