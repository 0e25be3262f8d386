interface Seen {
  readonly status: number
  readonly body: string
}

/** The way of a stranger along redirects within a site. */
export interface StrangersWay {
  readonly hops: readonly { readonly path: string; readonly answer: Seen }[]
  /** Where the last redirect leads, if it leaves the site. */
  readonly lead?: string
}

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

/** Where products tell everybody whether they have been set up: a page of scripts looks the same before and after. */
const statePaths = [
  '/server/info',
  '/admin/init',
  '/rest/settings',
  '/api/session/properties',
  '/status.php',
  '/System/Info/Public',
  '/ghost/api/admin/authentication/setup/',
]

const notSetUp =
  /"(?:setup_?completed|has-?admin|has-user-setup|installed|startup_?wizard_?completed|initiali[sz]ed)"\s*:\s*false|"showSetupOnFirstLoad"\s*:\s*true|"setup"\s*:\s*\[\s*\{\s*"status"\s*:\s*false/i

const setUpPath = /(?:^|\/)(?:set-?_?up|install|installer|installation|first-?_?run|wizard|onboarding)(?:[./_-]|$)/i

const adminWords =
  /\b(?:create|set up|add|register|choose)\b[^<>]{0,60}\b(?:admin|administrator|owner|super-?user|first (?:user|account))\b/i

const makesAdministrator = ({ status, body }: Seen): boolean =>
  status === 200 && /type\s*=\s*["']?password/i.test(body) && adminWords.test(body)

const withoutQuery = (path: string): string => path.split('?', 1)[0] ?? path

const isSetUp = (path: string): boolean => setUpPath.test(withoutQuery(path))

/**
 * Where strangers find what lets them set up a product, as its first visitor does.
 * @param walk asks as a stranger, and follows redirects.
 * @param publicPages what the blueprint says is for everybody.
 */
export const setUpsOf = async (
  walk: (path: string) => Promise<StrangersWay>,
  publicPages: readonly string[] = [],
): Promise<readonly string[]> => {
  const start = await walk('/')
  const found = start.hops
    .filter(({ path, answer }) => answer.status < 400 && (isSetUp(path) || makesAdministrator(answer)))
    .map(({ path }) => path)
  // Some products answer every path of a directory with the same page.
  const [nothing, ofAdmin] = await Promise.all(
    ['/', '/admin/'].map(async (folder) => (await walk(`${folder}no-such-page-of-any-product`)).hops.at(-1)),
  )
  const others = await Promise.all(
    likelyPaths.map(async (path) => {
      const last = (await walk(path)).hops.at(-1)
      if (last === undefined || last.answer.status !== 200) return []
      const beside = path.startsWith('/admin/') ? ofAdmin : nothing
      return (beside?.answer.status !== 200 && isSetUp(last.path)) || makesAdministrator(last.answer) ? [last.path] : []
    }),
  )
  const states = await Promise.all(
    statePaths.map(async (path) => {
      const last = (await walk(path)).hops.at(-1)
      return last?.answer.status === 200 && notSetUp.test(last.answer.body) ? [path] : []
    }),
  )
  const lead = URL.parse(start.lead ?? '')?.pathname ?? ''
  const pages = [...found, ...others.flat(), ...(isSetUp(lead) ? [lead] : [])]
  // A product that says that it is not set up looks like nothing else.
  return [...new Set([...pages.filter((path) => !publicPages.includes(withoutQuery(path))), ...states.flat()])]
}

/** What a blueprint says where such pages are for everybody, in the words of its file; undefined if none can be. */
export const publicPagesFor = (pages: readonly string[], before: readonly string[] = []): string | undefined => {
  const exempt = pages.map(withoutQuery).filter((path) => path !== '/' && !statePaths.includes(path))
  return exempt.length === 0 ? undefined : `publicPages: [${[...new Set([...before, ...exempt])].join(', ')}]`
}
