import { Readable } from 'node:stream'
import { expect, it, vi } from 'vitest'
import { connectEngine } from '../../../adapters/containers/engine.ts'
import { imageProvider } from '../../../adapters/containers/images.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { welcome } from '../../support/provisioning.ts'

const refused = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode })

const nobody = await connectEngine('unix:///nobody.sock')

/** An engine without images whose pulls fail, or bring an image for a processor. */
const stageOf = (brought?: string) => {
  const pulls: string[] = []
  const engine = {
    ...nobody,
    calls: Object.assign(Object.create(nobody.calls), {
      version: async () => ({ Arch: 'amd64', Os: 'linux' }),
      getImage: () => ({
        inspect: async () => {
          if (brought === undefined || pulls.length === 0) throw refused(404, 'no such image')
          return { Architecture: brought }
        },
      }),
    }),
    streams: Object.assign(Object.create(nobody.streams), {
      pull: async (image: string) => {
        pulls.push(image)
        if (brought === undefined) throw refused(500, 'dial tcp: lookup registry.invalid: no such host')
        return Readable.from([])
      },
    }),
  }
  const blueprint = welcome(1)
  const ensure = imageProvider({
    engine,
    resolvePath: (_, path) => path,
    log: recordingLog(),
    mayEmulate: async () => false,
  })
  return { pulls, provide: () => ensure(blueprint, blueprint.containers[0]!) }
}

it('fails many sites by one pull, and pulls again some seconds later', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    const { pulls, provide } = stageOf()
    for (const outcome of await Promise.allSettled([provide(), provide(), provide()])) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'BlueprintUnavailable' } })
    }
    expect(pulls).toEqual(['welcome:1'])
    vi.advanceTimersByTime(10_000)
    await expect(provide()).rejects.toThrow('no such host')
    expect(pulls).toHaveLength(2)
  } finally {
    vi.useRealTimers()
  }
})

it('tells an image that is made for another architecture', async () => {
  const { provide } = stageOf('s390x')
  await expect(provide()).rejects.toMatchObject({
    kind: 'BlueprintUnavailable',
    message: 'The image welcome:1 is made for another architecture: s390x, not amd64.',
  })
})

it('takes an image of the same architecture by another name', async () => {
  await stageOf('x86_64').provide()
})
