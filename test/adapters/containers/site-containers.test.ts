import { expect, test } from 'vitest'
import { connectEngine } from '../../../adapters/containers/engine.ts'
import { siteContainers } from '../../../adapters/containers/site-containers.ts'

const siteId = 'site_01jq3v5k8m0000000000000000'

/** The network of a site on Docker, with what a crash left connected to it. */
const withNetwork = async (left: readonly string[]) => {
  const calls: string[] = []
  const connected = new Set(left)
  const network = {
    inspect: async () => ({ Containers: Object.fromEntries([...connected].map((Name) => [`ep-${Name}`, { Name }])) }),
    disconnect: async ({ Container, Force }: { Container: string; Force: boolean }) => {
      calls.push(`disconnect ${Container}${Force ? ' by force' : ''}`)
      connected.delete(Container)
    },
    remove: async () => {
      calls.push('remove')
      const message = `error while removing network: network sitewright-${siteId} has active endpoints`
      if (connected.size > 0) throw Object.assign(new Error(message), { statusCode: 403 })
    },
  }
  const nobody = await connectEngine('unix:///nobody.sock')
  const docker = Object.assign(Object.create(nobody.calls), { getNetwork: () => network })
  return { calls, containers: siteContainers({ ...nobody, calls: docker }, 'home') }
}

test('a network that a crash left in use by containers that are gone is removed nevertheless', async () => {
  const { calls, containers } = await withNetwork([`sitewright-${siteId}`])
  await containers.remove(siteId, [])
  expect(calls).toEqual(['remove', `disconnect sitewright-${siteId} by force`, 'remove'])
})

test('a network that nothing uses is removed at once', async () => {
  const { calls, containers } = await withNetwork([])
  await containers.remove(siteId, [])
  expect(calls).toEqual(['remove'])
})

test('containers are listed again where one of them just ends', async () => {
  const nobody = await connectEngine('unix:///nobody.sock')
  const listing = (failures: number) => {
    let asked = 0
    const listContainers = async () => {
      asked += 1
      const ending = { statusCode: 500, message: 'read /proc/4504/cgroup: no such process' }
      if (asked <= failures) throw Object.assign(new Error(), ending)
      return []
    }
    return siteContainers({ ...nobody, calls: Object.assign(Object.create(nobody.calls), { listContainers }) }, 'home')
  }
  expect(await listing(2).find()).toEqual([])
  await expect(listing(9).find()).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
})
