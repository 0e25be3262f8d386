import { expect, it } from 'vitest'
import type { Attack } from '../../bin/attacks/attack.ts'
import { runAttack } from '../../bin/attacks/attack.ts'
import { startSite } from '../router/stage.ts'

it('counts the requests of honest clients that were not served, and ends the attack', async () => {
  let ended = 0
  let asked = 0
  const { endpoint } = await startSite((_, response) => {
    asked += 1
    response.writeHead(asked % 5 === 0 ? 503 : 200).end('{}')
  })
  const attack: Attack = {
    name: 'sometimes away',
    begin: async () => ({
      summary: () => 'every fifth request',
      end: async () => {
        ended += 1
      },
    }),
    visit: async ({ origin }, { call }) => {
      const { status } = await call({ url: origin })
      if (status !== 200) throw new Error(`answered ${status}`)
    },
  }
  const origin = `http://${endpoint.host}:${endpoint.port}`
  const result = await runAttack(attack, { origin, port: endpoint.port, siteUrl: origin }, 50)
  expect(result.requests).toBeGreaterThanOrEqual(50)
  expect(result.requests - result.served).toBe(Math.floor(result.requests / 5))
  expect(result.failures[0]).toBe('answered 503')
  expect(result.figures.count).toBe(result.requests)
  expect(ended).toBe(1)
})
