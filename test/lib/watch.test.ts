import { beforeAll, expect, it } from 'vitest'
import { resourcesOf } from './support/resources.ts'
import type { Synthesised } from './support/synthesise.ts'
import { synthesise } from './support/synthesise.ts'

let all: Synthesised

beforeAll(async () => {
  all = await synthesise()
})

it('the watch stack holds on to nothing of the control stack but the API, which is always there', () => {
  const imports = JSON.stringify(all.template('watch').toJSON()).match(/"Fn::ImportValue":"[^"]+"/g) ?? []
  const ofControl = new Set(imports.filter((one) => one.includes(all.names.stack('control'))))
  expect([...ofControl]).toEqual([expect.stringContaining('ExportsOutputRefApi')])
})

it('no stack comes near the 500 resources that CloudFormation allows', () => {
  const parts = all.stacks.map((stack) => stack.slice(all.names.stack('').length))
  const full = parts.filter((part) => resourcesOf(all.template(part)).length > 450)
  expect(full).toEqual([])
})
