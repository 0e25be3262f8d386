import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import type { Answer, Door } from './door.ts'
import type { Finding } from './findings.ts'
import { fewOf, findingsOf } from './findings.ts'
import { walkFrom } from './walk.ts'

/** Where products let the first visitor set them up. */
const likelyPaths = [
  '/setup',
  '/install',
  '/installer',
  '/setup_wizard',
  '/setup.php',
  '/install.php',
  '/admin/setup',
  '/wizard',
  '/onboarding',
]

const setUpPath = /(?:^|\/)(?:set-?_?up|install|installer|installation|first-?_?run|wizard|onboarding)(?:[./_-]|$)/i

const adminWords =
  /\b(?:create|set up|add|register|choose)\b[^<>]{0,60}\b(?:admin|administrator|owner|super-?user|first (?:user|account))\b/i

/** Whether a page has a form that makes the first administrator. */
const makesAdministrator = ({ status, body }: Answer): boolean =>
  status === 200 && /type\s*=\s*["']?password/i.test(body) && adminWords.test(body)

const isSetUp = (path: string): boolean => setUpPath.test(path.split('?', 1)[0] ?? path)

/** Where strangers find what looks like a set-up page. */
const setUpPagesOf = async (door: Pick<Door, 'visit'>, url: string): Promise<readonly string[]> => {
  const start = await walkFrom(door, '/', 'stranger', url)
  const found = start.hops
    .filter(({ path, answer }) => answer.status < 400 && (isSetUp(path) || makesAdministrator(answer)))
    .map(({ path }) => path)
  // Some products answer every path with the same page.
  const nothing = await door.visit({ path: '/no-such-page-of-any-product', as: 'stranger' })
  const others = await Promise.all(
    likelyPaths.map(async (path) => {
      const { last } = await walkFrom(door, path, 'stranger', url)
      if (last === undefined || last.answer.status !== 200) return []
      return (nothing.status !== 200 && isSetUp(last.path)) || makesAdministrator(last.answer) ? [last.path] : []
    }),
  )
  const lead = URL.parse(start.lead ?? '')?.pathname ?? ''
  return [...new Set([...found, ...others.flat(), ...(isSetUp(lead) ? [lead] : [])])]
}

/** Warns where strangers reach a page that looks like a set-up. */
export const checkSetUpPages = async (
  door: Pick<Door, 'visit'>,
  { url, blueprint }: { readonly url: string; readonly blueprint: Blueprint },
): Promise<Finding> => {
  const { ok, note, wrong } = findingsOf('strangers')
  const pages = await setUpPagesOf(door, url)
  if (pages.length === 0) return ok('They find no page that looks like a set-up.')
  const where = `${fewOf(pages)} looks like a set-up page`
  const { access, handOver } = blueprint
  if (access === 'owner') return note(`${where}; \`access: owner\` turns strangers away.`)
  if (access !== 'public' && handOver !== undefined) return note(`${where}; strangers are let in after the hand-over.`)
  const change = 'Let only owners in (`access: owner`), or hand the site over before it opens (`handOver`).'
  return wrong(`Strangers can reach an administrable site: ${where}.`, change)
}
