import { describe, expect, test } from 'vitest'
import { createSitePorts } from '../../../../adapters/dynamodb/site-ports.ts'
import { createRandomness } from '../../../../adapters/randomness.ts'
import { plusMilliseconds } from '../../../../core/instant.ts'
import { newSiteId } from '../../../support/probe-launch.ts'
import { loseReply } from '../intercept.ts'
import { storeForAll } from '../store-for-all.ts'
import type { OpenTestStore } from '../test-store.ts'

const now = '2026-03-01T12:00:00.000Z'
const anHour = 3_600_000

export const sitePorts = (open: OpenTestStore): void => {
  describe('the ports of a cell', () => {
    const store = storeForAll(open)

    let cells = 0
    const portsOfNewCell = ({ first = 10_000, last = 32_767, on = store } = {}) => {
      cells += 1
      const clock = { now }
      const ports = createSitePorts({
        client: on.document,
        tables: on.tables,
        cell: `cell${cells}`,
        wall: () => clock.now,
        randomness: createRandomness(),
        range: { first, last },
      })
      return { ports, clock, pass: (milliseconds: number) => (clock.now = plusMilliseconds(now, milliseconds)) }
    }

    test('a site has one port, however often it is claimed', async () => {
      const { ports } = portsOfNewCell()
      const site = newSiteId()
      expect(await ports.portOf(site)).toBeUndefined()
      const port = await ports.claim(site)
      expect(port).toBeGreaterThanOrEqual(10_000)
      expect(port).toBeLessThanOrEqual(32_767)
      expect(await ports.claim(site)).toBe(port)
      expect(await ports.portOf(site)).toBe(port)
      expect(await ports.all()).toEqual(new Map([[site, { port, isAsleep: false }]]))
    })

    test('a site is noted as asleep until it is noted otherwise, claimed for or released', async () => {
      const { ports } = portsOfNewCell()
      const site = newSiteId()
      await ports.noteSleep(site, true)
      expect((await ports.all()).size).toBe(0)
      const port = await ports.claim(site)
      for (const isAsleep of [true, true, false, true]) {
        await ports.noteSleep(site, isAsleep)
        expect(await ports.all()).toEqual(new Map([[site, { port, isAsleep }]]))
      }
      expect(await ports.claim(site)).toBe(port)
      expect(await ports.all()).toEqual(new Map([[site, { port, isAsleep: false }]]))
      await ports.noteSleep(site, true)
      await ports.release(site)
      expect((await ports.all()).size).toBe(0)
    })

    test('a site that is claimed for twice at once has one port', async () => {
      const { ports } = portsOfNewCell()
      const site = newSiteId()
      const claimed = await Promise.all(Array.from({ length: 4 }, () => ports.claim(site)))
      expect(new Set(claimed).size).toBe(1)
      expect((await ports.all()).size).toBe(1)
    })

    test('sites that claim at once have ports of their own, down to the last', async () => {
      const { ports } = portsOfNewCell({ first: 20_000, last: 20_011 })
      const sites = Array.from({ length: 12 }, newSiteId)
      const claimed = await Promise.all(sites.map(ports.claim))
      expect(new Set(claimed).size).toBe(12)
      await expect(ports.claim(newSiteId())).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
    })

    test('a released port rests for an hour, and is another site’s then', async () => {
      const { ports, pass } = portsOfNewCell({ first: 20_000, last: 20_000 })
      const [one, other] = [newSiteId(), newSiteId()]
      await ports.claim(one)
      await ports.release(one)
      expect(await ports.portOf(one)).toBeUndefined()
      pass(anHour - 1)
      await expect(ports.claim(other)).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
      pass(anHour)
      expect(await ports.claim(other)).toBe(20_000)
      // A late release of the one changes nothing.
      await ports.release(one)
      expect(await ports.portOf(other)).toBe(20_000)
    })

    test('releasing twice, also at once, gives the port back once', async () => {
      const { ports, pass } = portsOfNewCell({ first: 20_000, last: 20_000 })
      const site = newSiteId()
      await ports.claim(site)
      await Promise.all([ports.release(site), ports.release(site)])
      await ports.release(site)
      pass(anHour)
      expect(await ports.claim(newSiteId())).toBe(20_000)
    })

    test('two cells may have the same port, since they have other addresses', async () => {
      const [one, other] = [portsOfNewCell({ first: 7, last: 7 }), portsOfNewCell({ first: 7, last: 7 })]
      expect(await one.ports.claim(newSiteId())).toBe(7)
      expect(await other.ports.claim(newSiteId())).toBe(7)
    })

    test('a claim whose reply is lost takes one port', async () => {
      const faulty = await open({ tables: store.tables })
      const { ports } = portsOfNewCell({ on: faulty })
      const site = newSiteId()
      const { wasLost } = loseReply(faulty.engine, 'TransactWriteItems', 'repeats-to-forgetful')
      const port = await ports.claim(site)
      expect(wasLost()).toBe(true)
      expect(await ports.all()).toEqual(new Map([[site, { port, isAsleep: false }]]))
      faulty.close()
    })
  })
}
