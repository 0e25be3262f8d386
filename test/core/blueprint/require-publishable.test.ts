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

  it('has no long variable with a secret', () => {
    const text = `\${secret.KEY}${'x'.repeat(3000)}`
    expect(publish({ environment: { A: text }, secrets: ['KEY'] })).toThrow('at most 3000 characters')
    expect(publish({ files: { a: text }, secrets: ['KEY'] })).not.toThrow()
  })
})
