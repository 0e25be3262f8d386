import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import type { Answer, Door } from './door.ts'
import type { Finding } from './findings.ts'
import { fewOf } from './findings.ts'
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

const pathOf = (path: string): string => path.split('?', 1)[0] ?? path

/** Where strangers find what looks like a set-up page. */
const setUpPagesOf = async (door: Pick<Door, 'visit'>, url: string): Promise<readonly string[]> => {
  const start = await walkFrom(door, '/', 'stranger', url)
  const found = start.hops
    .filter(({ path, answer }) => answer.status < 400 && (setUpPath.test(pathOf(path)) || makesAdministrator(answer)))
    .map(({ path }) => pathOf(path))
  // Some products answer every path with the same page.
  const nothing = await door.visit({ path: '/no-such-page-of-any-product', as: 'stranger' })
  const others = await Promise.all(
    likelyPaths.map(async (path) => {
      const { last } = await walkFrom(door, path, 'stranger', url)
      if (last === undefined || last.answer.status !== 200) return []
      const isOwnPage = nothing.status !== 200 && setUpPath.test(pathOf(last.path))
      return isOwnPage || makesAdministrator(last.answer) ? [pathOf(last.path)] : []
    }),
  )
  return [...new Set([...found, ...others.flat()])]
}

/** Who gets in, where the blueprint says so. */
const accessOf = (blueprint: Blueprint): unknown => ('access' in blueprint ? blueprint.access : undefined)

/** Warns where strangers reach a page that looks like a set-up. */
export const checkSetUpPages = async (
  door: Pick<Door, 'visit'>,
  { url, blueprint }: { readonly url: string; readonly blueprint: Blueprint },
): Promise<Finding> => {
  const check = 'strangers'
  const pages = await setUpPagesOf(door, url)
  if (pages.length === 0) return { check, verdict: 'ok', result: 'They find no page that looks like a set-up.' }
  const where = `${fewOf(pages)} looks like a set-up page`
  const access = accessOf(blueprint)
  if (access === 'owner' || access === 'claimed') {
    return { check, verdict: 'note', result: `${where}; \`access: ${access}\` turns strangers away.` }
  }
  const change = 'Let only owners in (`access`), or make the administrator before the site opens.'
  return { check, verdict: 'change', result: `Strangers can reach an administrable site: ${where}.`, change }
}
