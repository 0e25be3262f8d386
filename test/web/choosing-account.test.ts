import { afterAll, beforeEach, expect, test, vi } from 'vitest'

/** What is tested of the client, whose own types need those of browsers. */
interface Client {
  readonly chooseAccountOf: (siteId: string) => Promise<boolean>
  readonly api: { readonly GET: (path: string) => Promise<unknown> }
}
const clientFile: string = '../../web/api/client.ts'

const siteId = 'site_01jq3v5k8m0000000000000000'
const own = { id: 'acct_own', own: true }
const team = { id: 'acct_team', own: false }

const stored = new Map<string, string>()
const history = { pushState: vi.fn() }
const location = { origin: 'https://console.example', hash: '', reload: vi.fn() }
/** The account that has the site. */
let holder: string | undefined
/** How the server answers where the account is not asked about. */
let status = 404

const answer = ({ url, headers }: Request): Response => {
  const { pathname } = new URL(url)
  const account = headers.get('sitewright-account') ?? own.id
  if (pathname === '/v1/accounts') return Response.json({ accounts: [own, team] })
  if (pathname === `/v1/sites/${siteId}` && account === holder) return Response.json({ id: siteId })
  return Response.json({}, { status })
}

/** The page's requests, with the account that was chosen last. */
const load = async (chosen?: string): Promise<Client> => {
  stored.clear()
  if (chosen !== undefined) stored.set('account', chosen)
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  })
  vi.stubGlobal('location', location)
  vi.stubGlobal('history', history)
  vi.stubGlobal('fetch', async (request: Request) => answer(request))
  vi.resetModules()
  return import(clientFile)
}

beforeEach(() => {
  vi.clearAllMocks()
  status = 404
})
// Files share modules.
afterAll(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

test.each([
  ['a team', undefined, team.id],
  ['their own account', team.id, undefined],
])('a link to a site goes to %s if that has it', async (_, chosen, found) => {
  const client = await load(chosen)
  holder = found ?? own.id
  location.hash = `#/bought/${siteId}`
  expect(await client.chooseAccountOf(siteId)).toBe(true)
  expect(stored.get('account')).toBe(found)
  expect(history.pushState).toHaveBeenCalledWith(null, '', location.hash)
  expect(location.reload).toHaveBeenCalledOnce()
})

test('a link to a site of nobody they know stays, and a failure is none', async () => {
  const client = await load(team.id)
  holder = undefined
  expect(await client.chooseAccountOf(siteId)).toBe(false)
  status = 503
  await expect(client.chooseAccountOf(siteId)).rejects.toMatchObject({ status: 503 })
  expect(location.reload).not.toHaveBeenCalled()
})

test('the link of a sign-up, which works once, is not opened again', async () => {
  const client = await load(team.id)
  location.hash = '#/signups/sgn_1?code=used'
  await expect(client.api.GET('/v1/sites')).rejects.toMatchObject({ status: 404 })
  expect(stored.has('account')).toBe(false)
  expect(history.pushState).toHaveBeenCalledWith(null, '', '#/')
})

test('an invitation stays shown to somebody who was removed from the team that they chose last', async () => {
  const client = await load(team.id)
  location.hash = '#/invitations/inv_1'
  await expect(client.api.GET('/v1/session/person')).rejects.toMatchObject({ status: 404 })
  expect(stored.has('account')).toBe(false)
  expect(history.pushState).toHaveBeenCalledWith(null, '', location.hash)
})
