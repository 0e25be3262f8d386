import { describe, expect, it } from 'vitest'
import { deployedResources } from '../support/deployed-resources.ts'
import { synthesise } from '../support/synthesise.ts'
import { type Limit, names, sizes } from './service-limits.ts'

/** The part of a limit that may be used, so that the next feature still deploys. */
const used = 0.8

const all = await synthesise()
const stacks = all.stacks.map((name) => {
  const template = all.template(name.slice(all.names.stack('').length))
  return [name, deployedResources(name, template)] as const
})

const measured = ({ measure }: Limit) =>
  stacks.flatMap(([stack, resources]) => measure(resources).map(([what, size]) => [`${stack} ${what}`, size] as const))

const above = (limit: Limit, max: number) => measured(limit).filter(([, size]) => size > max)

describe('what AWS allows', () => {
  it.each(sizes)('$name: at most $most, with room for more', (limit) => {
    expect(limit.source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//)
    // A limit of nothing would hold whatever happens.
    expect(measured(limit).length).toBeGreaterThan(0)
    expect(above(limit, limit.max * (limit.noRoom === undefined ? used : 1))).toEqual([])
  })

  it.each(names)('$name: at most $most characters', (limit) => {
    expect(above(limit, limit.max)).toEqual([])
  })

  it('templates have at most 1 MB, a fifth of it left', () => {
    for (const [stack, characters] of all.characters) {
      expect([stack, characters <= 1_048_576 * used]).toEqual([stack, true])
    }
  })

  // AWS takes 500. What grows faster than capabilities do is worth checking.
  it('the control stack has at most 350 resources', () => {
    const control = stacks.find(([name]) => name.endsWith('-control'))
    expect(control?.[1].length).toBeLessThanOrEqual(350)
  })
})
