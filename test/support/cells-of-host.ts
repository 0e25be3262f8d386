import { call } from '../e2e/call.ts'

interface Host {
  readonly port: number
}

interface CellRollout {
  readonly cell: string
  readonly state: string
  readonly held: readonly { readonly siteId: string; readonly because: string }[]
  readonly restored: readonly { readonly siteId: string; readonly archiveAt: string }[]
}

interface Cell {
  readonly name: string
  readonly state: string
  readonly room: number
}

/** What a person of staff sends with each request. */
export const staffHeaders = async (host: Host, email: string, role = 'admin') => {
  const issued = { method: 'POST', path: '/_local/operators', body: { email, role } }
  return { authorization: `Bearer ${(await call<{ token: string }>(host, issued)).json.token}` }
}

/** What two administrators do about the cells of a host, and see of them. */
export const cellsOfHost = async (host: Host) => {
  const [grace, henry] = [await staffHeaders(host, 'grace@example.com'), await staffHeaders(host, 'henry@example.com')]
  const post = (path: string, more: object = {}, headers = grace) =>
    call<{ state: string; detail?: string }>(host, {
      method: 'POST',
      path: `/v1/operator/${path}`,
      headers,
      body: { reason: 'a test', ...more },
    })
  const get = async <Body>(path: string) =>
    (await call<Body>(host, { path: `/v1/operator/${path}`, headers: grace })).json
  const list = async () => (await get<{ cells: readonly Cell[] }>('cells')).cells
  return {
    act: (path: string, more: object = {}) => post(path, more),
    /** As the other administrator. */
    confirm: (path: string) => post(path, {}, henry),
    rolloutOf: async (cell: string) =>
      (await get<{ cells: readonly CellRollout[] }>('rollouts')).cells.find((one) => one.cell === cell),
    stateOf: async (cell: string) => (await list()).find(({ name }) => name === cell)?.state,
    /** The cell that the next site goes to. */
    roomiest: async () => (await list()).toSorted((one, other) => other.room - one.room)[0]?.name,
    siteOf: (id: string) => get<{ cell: string; operation: string | null; status: string }>(`sites/${id}`),
    logsOf: async (id: string) => (await call(host, { path: `/v1/operator/sites/${id}/logs`, headers: grace })).text,
  }
}

/** How a site is answered: its status, and which problem it has. */
export const problemOf = async (host: Host, slug: string): Promise<string> => {
  const { status, json } = await call<{ type?: string }>(host, {
    path: '/',
    at: `${slug}.localhost`,
    headers: { accept: 'application/json' },
  })
  return `${status} ${json?.type ?? ''}`
}
