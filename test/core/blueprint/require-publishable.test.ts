import { describe, expect, it } from 'vitest'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { requirePublishable } from '../../../core/blueprint/require-publishable.ts'
import config from '../../../sitewright.config.ts'

const { plans } = config
const publish =
  (container: object, more: object = {}) =>
  () =>
    requirePublishable(
      parseBlueprint(
        {
          name: 'shop',
          version: 2,
          title: 'Shop',
          containers: [{ name: 'web', image: 'shop:1', ...container }],
          traffic: { container: 'web' },
          data: { mode: 'exclusive' },
          ...more,
        },
        'shop.yaml',
      ),
      plans,
    )

describe('a blueprint to publish', () => {
  it('may interpolate features of any plan', () => {
    expect(publish({ environment: { A: '${feature.customCode}' } })).not.toThrow()
  })

  it('is refused with a line for each mistake', () => {
    expect(publish({ environment: { A: '${ONE}', HOST: 'x' }, command: ['$TWO'] })).toThrow(
      /^Blueprint 'shop' version 2 cannot be published:\n {2}containers\.0\.HOST: is set by Sitewright\n {2}containers\.0\.environment\.A: there is no \$\{ONE\}.*\n {2}containers\.0\.command\.0: \$TWO stays/,
    )
  })

  it('has at most 16 KiB of files', () => {
    expect(publish({ files: { a: 'é'.repeat(4096), b: 'x'.repeat(8192) } })).not.toThrow()
    expect(publish({ files: { a: 'é'.repeat(4096), b: 'x'.repeat(8193) } })).toThrow(
      'at most 16384 bytes; these have 16385',
    )
  })

  it('fits into every plan', () => {
    const { memoryMiB, processes } = plans[0]!.size
    expect(publish({}, { needs: { memoryMiB, threads: processes } })).not.toThrow()
    expect(publish({}, { needs: { memoryMiB: memoryMiB + 1 } })).toThrow(
      `needs.memoryMiB: the plan 'trial' has only ${memoryMiB}; it needs ${memoryMiB + 1}`,
    )
    expect(publish({}, { needs: { threads: processes + 1 } })).toThrow(`needs.threads: the plan 'trial' has only`)
  })

  it.each([
    ['/tmp', '/tmp'],
    ['/data/cache', '/data'],
    ['/run', '/run/sitewright/files'],
    ['/var/lib', '/var/lib/x'],
  ])('has no scratch directory %s, because of %s', (path, other) => {
    expect(publish({ writable: ['/var/cache', path, '/var/lib/x'] })).toThrow(`${path} and ${other} must be apart`)
    expect(publish({ writable: ['/var/cache', '/var/lib/x', '/database'] })).not.toThrow()
  })

  it('has no long variable with a secret', () => {
    const text = `\${secret.KEY}${'x'.repeat(3000)}`
    expect(publish({ environment: { A: text }, secrets: ['KEY'] })).toThrow('at most 3000 characters')
    expect(publish({ files: { a: text }, secrets: ['KEY'] })).not.toThrow()
  })
})
