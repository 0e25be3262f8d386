import { hostname } from 'node:os'
import { afterEach, expect, test } from 'vitest'
import { type ContainerRuntime, createContainerRuntime } from '../../../adapters/containers/container-runtime.ts'
import { connectEngine } from '../../../adapters/containers/engine.ts'
import { label, onceDigest, siteName } from '../../../adapters/containers/site-network.ts'
import { createSiteFiles } from '../../../adapters/files/site-files.ts'
import { contentDigest } from '../../../adapters/site-runtime/launch-digest.ts'
import type { OneOff } from '../../../core/ports/runtime.ts'
import { probeLaunch } from '../../support/probe-launch.ts'

const launch = probeLaunch()
const run: OneOff = { key: 'upgrade-1', command: ['shop', 'migrate'], environment: {}, seconds: 60 }

let runtime: ContainerRuntime | undefined
afterEach(() => runtime?.close('leave'))

/** A runtime on an engine that lists the command's container, and answers so when asked how it is. */
const open = async (answer: { readonly statusCode: number; readonly message: string }) => {
  const calls: string[] = []
  const listed = {
    Id: 'command',
    Names: [`/${siteName(launch.siteId)}`],
    State: 'running',
    Labels: {
      [label.home]: 'home',
      [label.site]: launch.siteId,
      [label.container]: launch.blueprint.traffic.container,
      [label.digest]: onceDigest(contentDigest([run.key, undefined])),
    },
  }
  const container = {
    inspect: () => Promise.reject(answer),
    logs: () => Promise.reject(answer),
    stop: async () => void calls.push('stop'),
    remove: async () => void calls.push('remove'),
    start: async () => void calls.push('start'),
  }
  const nobody = await connectEngine('unix:///nobody.sock')
  const engine = {
    ...nobody,
    calls: Object.assign(Object.create(nobody.calls), {
      info: async () => ({ Name: hostname(), SecurityOptions: [] }),
      version: async () => ({ Components: [{ Name: 'Podman Engine' }] }),
      listContainers: async () => [listed],
      getContainer: () => container,
      createContainer: async () => {
        calls.push('create')
        return { id: 'again' }
      },
    }),
  }
  runtime = await createContainerRuntime({
    engine,
    homeId: 'home',
    userOf: () => ({ uid: 10_001, gid: 10_001 }),
    dataDirectoryOf: () => '/data',
    files: createSiteFiles('/nowhere'),
    handOver: async () => undefined,
    ports: { claim: async () => 20_001, release: async () => undefined },
    guard: async () => undefined,
    resolvePath: (_, path) => path,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  })
  return { runtime, calls }
}

test.each([
  { statusCode: 500, message: 'container state improper' },
  { statusCode: 404, message: 'no such container' },
])('does not run a command again that the engine still lists and answers $statusCode for', async (answer) => {
  const opened = await open(answer)
  await expect(opened.runtime.runOnce(launch, run)).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
  expect(opened.calls).toEqual([])
})
