import { describe, expect, it } from 'vitest'
import { parseBlueprint, requireDeployable } from '../../../core/blueprint/blueprint.ts'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

const blueprint = (...images: readonly { image: string; build?: { context: string } }[]) =>
  parseBlueprint(
    {
      name: 'shop',
      version: 1,
      title: 'Shop',
      containers: images.map((given, index) => ({ name: `c${index}`, ...given })),
      traffic: { container: 'c0' },
      data: { mode: 'shared' },
    },
    'a test',
  )

describe('a blueprint on AWS', () => {
  it('has images that are pinned by a digest, or that a deploy builds', () => {
    const fit = blueprint({ image: `ghcr.io/example/shop:3@${digest}` }, { image: 'shop:1', build: { context: '.' } })
    expect(() => requireDeployable(fit)).not.toThrow()
  })

  it.each(['example/shop:3', 'example/shop', 'example/shop@sha256:abc', `@${digest}`, `example/shop@${digest}0`])(
    'is refused with the image %s, which somebody else could replace',
    (image) => {
      expect(() => requireDeployable(blueprint({ image }))).toThrow(
        expect.objectContaining({
          kind: 'BlueprintInvalid',
          message: expect.stringContaining(`'shop' cannot be deployed to AWS:\n  containers.0.image: must be pinned`),
        }),
      )
    },
  )

  it('is refused with a line for each such image', () => {
    const refused = blueprint({ image: 'one:1' }, { image: `two@${digest}` }, { image: 'three:3' })
    expect(() => requireDeployable(refused)).toThrow(
      /containers\.0\.image: .*"one:1"\)\n.*containers\.2\.image: .*"three:3"\)$/,
    )
  })
})
