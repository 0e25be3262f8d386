import { expect, it, vi } from 'vitest'
import type { Endpoint, Site } from '../../core/site/site.ts'
import { confirmingEndpoints, readEndpoints } from '../../local/recorded-endpoints.ts'
import { siteSamples } from '../support/site-samples.ts'

const endpoint = { host: '10.208.1.2', port: 20_001 }
const site = { ...siteSamples.active, endpoint }

/** What a host finds that starts with this record, in a runtime where the site is at an address. */
const started = async (located: Endpoint | Error | undefined) => {
  let record: Site = site
  let now = located
  const locate = vi.fn(async () => {
    if (now instanceof Error) throw now
    return now
  })
  const recorded = await readEndpoints({
    listByStatus: async function* (status) {
      if (record.status === status) yield record as never
    },
  })
  const { findByHostname } = confirmingEndpoints({ findByHostname: async () => record }, recorded, { locate })
  return {
    locate,
    find: async () => (await findByHostname('ada.example.site')) as { readonly endpoint?: Endpoint },
    write: (changed: Site) => {
      record = changed
    },
    move: (to: typeof now) => {
      now = to
    },
  }
}

it('confirms the address of a site that runs on, and asks once', async () => {
  const { find, locate } = await started(endpoint)
  expect(await find()).toBe(site)
  await find()
  expect(locate).toHaveBeenCalledTimes(1)
  expect(locate).toHaveBeenCalledWith({ siteId: site.id, cell: site.cell })
})

it.each([undefined, { ...endpoint, port: 20_002 }])(
  'leaves out an address where the site is not, since another one may listen there (%o)',
  async (located) => {
    const { find, move } = await started(located)
    expect(await find()).toEqual({ ...site, endpoint: undefined })
    move(endpoint)
    expect(await find()).toBe(site)
  },
)

it('trusts an address that this host has written', async () => {
  const { find, write, locate } = await started(undefined)
  const moved = { ...site, endpoint: { ...endpoint, port: 20_003 } }
  write(moved)
  expect(await find()).toBe(moved)
  write(site)
  expect(await find()).toBe(site)
  expect(locate).not.toHaveBeenCalled()
})

it('loses no route while the engine hangs, and asks it once', async () => {
  const { find, locate } = await started(endpoint)
  locate.mockReturnValue(new Promise(() => undefined))
  expect(await Promise.all([find(), find()])).toEqual([site, site])
  expect(locate).toHaveBeenCalledTimes(1)
})

it('loses no route while the engine does not answer, and asks again', async () => {
  const { find, move } = await started(new Error('the engine is away'))
  expect(await find()).toBe(site)
  move(undefined)
  expect((await find()).endpoint).toBeUndefined()
})
