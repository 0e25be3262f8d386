import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLoopbackPorts } from '../../../adapters/site-runtime/loopback-ports.ts'
import { newSiteId } from '../../support/probe-launch.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'

const directory = await directoryForAll()

const listenOn = async (port: number) => {
  const server = createServer().listen(port, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return server
}

test('a site keeps its port, also when the file is read again', async () => {
  const file = join(directory, 'kept.json')
  const site = newSiteId()
  const ports = createLoopbackPorts({ file })
  const port = await ports.claim(site)
  expect(await ports.claim(site)).toBe(port)
  expect(await createLoopbackPorts({ file }).claim(site)).toBe(port)
})

test('claims at once get different ports', async () => {
  const ports = createLoopbackPorts({ file: join(directory, 'many.json') })
  const claimed = await Promise.all(Array.from({ length: 40 }, () => ports.claim(newSiteId())))
  expect(new Set(claimed).size).toBe(40)
})

test('two claims of one site at once agree', async () => {
  const ports = createLoopbackPorts({ file: join(directory, 'same.json') })
  const site = newSiteId()
  const [one, other] = await Promise.all([ports.claim(site), ports.claim(site)])
  expect(await ports.claim(site)).toBe(one)
  expect(other).toBe(one)
})

test('a released port is the last to be handed out again', async () => {
  const range = { first: 31_990, last: 31_999 }
  const ports = createLoopbackPorts({ file: join(directory, 'round.json'), range })
  const site = newSiteId()
  const port = await ports.claim(site)
  await ports.release(site)
  const next = createLoopbackPorts({ file: join(directory, 'round.json'), range })
  const others = await Promise.all(Array.from({ length: 5 }, () => next.claim(newSiteId())))
  expect(others).not.toContain(port)
})

test('a port that something else listens on is replaced', async () => {
  const ports = createLoopbackPorts({ file: join(directory, 'stolen.json') })
  const site = newSiteId()
  const port = await ports.claim(site)
  const thief = await listenOn(port)
  expect(await ports.claim(site)).not.toBe(port)
  thief.close()
})

test('when every port is taken it says so', async () => {
  const range = { first: 31_980, last: 31_981 }
  const ports = createLoopbackPorts({ file: join(directory, 'full.json'), range })
  await expect(
    Promise.all([ports.claim(newSiteId()), ports.claim(newSiteId()), ports.claim(newSiteId())]),
  ).rejects.toMatchObject({ kind: 'RuntimeUnavailable', message: expect.stringContaining('31980 and 31981') })
})

test('a torn file means other ports, not a host that cannot start', async () => {
  const file = join(directory, 'torn.json')
  await writeFile(file, '{"next": 20')
  expect(await createLoopbackPorts({ file }).claim(newSiteId())).toBeGreaterThanOrEqual(20_000)
})

test('without the file, each site gets the port of its record, and no other site gets that', async () => {
  const range = { first: 31_970, last: 31_979 }
  const [ada, eve] = [newSiteId(), newSiteId()]
  const recorded = new Map([
    [ada, { host: '127.0.0.1', port: 31_973 }],
    [eve, { host: '10.208.1.2', port: 31_976 }],
  ])
  const ports = createLoopbackPorts({ file: join(directory, 'restored.json'), range, recorded })
  const others = await Promise.all(Array.from({ length: 8 }, () => ports.claim(newSiteId())))
  expect(others).not.toContain(31_973)
  expect(others).not.toContain(31_976)
  expect([await ports.claim(ada), await ports.claim(eve)]).toEqual([31_973, 31_976])
})

test('a record that the file contradicts takes no port from its holder', async () => {
  const file = join(directory, 'contradicted.json')
  const [holder, other] = [newSiteId(), newSiteId()]
  const port = await createLoopbackPorts({ file }).claim(holder)
  const ports = createLoopbackPorts({ file, recorded: new Map([[other, { host: '127.0.0.1', port }]]) })
  expect(await ports.claim(other)).not.toBe(port)
  expect(await ports.claim(holder)).toBe(port)
})
