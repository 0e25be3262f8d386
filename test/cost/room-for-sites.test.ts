import { expect, it } from 'vitest'
import type { Stage } from '../../core/config/stage.ts'
import config from '../../sitewright.config.ts'
import { roomForSites } from './bills.ts'

const [stage] = Object.values(config.stages)
const cellsOf = (...cidrs: readonly string[]): Stage['cells'] =>
  cidrs.map((cidr, index) => ({ name: `cell${index}`, cidr, sites: 4000 }))

it.each([
  ['the services of a cluster', cellsOf('10.1.0.0/17'), 5000],
  ['the addresses of a small cell: two blocks of 512, less five', cellsOf('10.1.0.0/20'), 1014],
  ["both cells', together", cellsOf('10.1.0.0/20', '10.2.0.0/20'), 2028],
  ['the roles of an account', cellsOf('10.1.0.0/17', '10.2.0.0/17', '10.3.0.0/17'), 9800],
])('is bounded by %s', (_what, cells, room) => {
  expect(roomForSites({ ...stage!, cells })).toBe(room)
})
