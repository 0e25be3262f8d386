import { hostname } from 'node:os'
import { expect, test, vi } from 'vitest'
import { connectEngine, type Engine } from '../../../adapters/containers/engine.ts'
import { requireReach, traitsOf } from '../../../adapters/containers/site-network.ts'
import { probeLaunch } from '../../support/probe-launch.ts'

const connected = await connectEngine('unix:///nobody.sock')

const engine = (
  name: 'Docker Engine - Community' | 'Podman Engine',
  { isRootless = false, isRemapped = false, address = 'unix:///run/engine.sock', machine = hostname() } = {},
): Engine => {
  return {
    ...connected,
    address,
    calls: Object.assign(Object.create(connected.calls), {
      info: async () => ({
        Name: machine,
        SecurityOptions: [
          'name=seccomp',
          ...(isRootless ? ['name=rootless'] : []),
          ...(isRemapped ? ['name=userns'] : []),
        ],
      }),
      version: async () => ({ Components: [{ Name: name }] }),
    }),
  }
}

const [docker, podman] = ['Docker Engine - Community', 'Podman Engine'] as const

const guarded = { guard: async () => undefined }
const unguarded = { guard: async () => 'firewall rules need root' }

const { blueprint } = probeLaunch()
const none = { ...blueprint, outbound: 'none' as const }
const internet = { ...blueprint, outbound: 'internet' as const }

test('Docker and Podman as root on this machine run both kinds of sites behind the guard', async () => {
  const ofDocker = await traitsOf(engine(docker), guarded)
  expect([requireReach(ofDocker, none), requireReach(ofDocker, internet)]).toEqual(['direct', 'published'])
  const ofPodman = await traitsOf(engine(podman), guarded)
  expect([requireReach(ofPodman, none), requireReach(ofPodman, internet)]).toEqual(['direct', 'direct'])
  expect([ofDocker, ofPodman].map(({ exposed }) => exposed)).toEqual([undefined, undefined])
})

test('without the guard, sites are exposed, and Podman refuses those with a way out', async () => {
  const ofDocker = await traitsOf(engine(docker), unguarded)
  expect([requireReach(ofDocker, none), requireReach(ofDocker, internet)]).toEqual(['direct', 'published'])
  const ofPodman = await traitsOf(engine(podman), unguarded)
  expect(requireReach(ofPodman, none)).toBe('direct')
  expect(() => requireReach(ofPodman, internet)).toThrow('and firewall rules need root.')
  expect([ofDocker, ofPodman].map(({ exposed }) => exposed)).toEqual(Array(2).fill('firewall rules need root'))
})

test('users of a blueprint need root on this machine', async () => {
  const owner = { uid: 999, gid: 999 }
  const owned = { ...internet, data: { ...internet.data, owner } }
  const privileged = {
    ...internet,
    containers: probeLaunch({ container: { capabilities: ['CHOWN'] } }).blueprint.containers,
  }
  const [here, elsewhere] = await Promise.all([
    traitsOf(engine(docker), guarded),
    traitsOf(engine(podman, { isRootless: true }), guarded),
  ])
  const getuid = vi.spyOn(process, 'getuid').mockReturnValue(0)
  try {
    expect([requireReach(here, owned), requireReach(here, privileged)]).toEqual(['published', 'published'])
    expect(() => requireReach(elsewhere, owned)).toThrow(
      "The blueprint 'probe' has `data.owner`: that needs a host that",
    )
    expect(() => requireReach(elsewhere, privileged)).toThrow("The blueprint 'probe' has `capabilities`: that needs")
    getuid.mockReturnValue(1000)
    expect(() => requireReach(here, owned)).toThrow('a host that runs as root')
    expect(requireReach(here, internet)).toBe('published')
  } finally {
    getuid.mockRestore()
  }
})

test.each([
  ['rootless Podman', engine(podman, { isRootless: true })],
  ['rootless Docker', engine(docker, { isRootless: true })],
  ['Docker of another machine', engine(docker, { address: 'tcp://192.0.2.1:2375' })],
  ['Docker Desktop', engine(docker, { machine: 'docker-desktop' })],
  ['Podman as root in a virtual machine', engine(podman, { machine: 'podman-machine-default' })],
])('%s refuses sites without outbound and says what to do', async (_, at) => {
  const traits = await traitsOf(at, guarded)
  expect(requireReach(traits, internet)).toBe('published')
  expect(traits.exposed).toBeDefined()
  expect(() => requireReach(traits, none)).toThrow(
    /^The blueprint 'probe' has `outbound: none`: .* set `outbound: internet` in a new version of the blueprint\.$/,
  )
})

test.each([
  ['Docker as root', engine(docker), {}],
  ['rootless Docker', engine(docker, { isRootless: true }), { runsAs: { uid: 0, gid: 0 } }],
  ['rootless Podman', engine(podman, { isRootless: true }), { userNamespace: 'keep-id' }],
])('sites in %s can read their data', async (_, at, expected) => {
  const { userNamespace, runsAs } = await traitsOf(at, guarded)
  expect({ userNamespace, runsAs }).toEqual({ userNamespace: undefined, runsAs: undefined, ...expected })
})

test('Docker that maps users elsewhere runs no site', async () => {
  const traits = await traitsOf(engine(docker, { isRemapped: true }), guarded)
  const refused = expect.stringContaining('userns-remap')
  expect(traits.reach).toEqual({ none: { refused }, internet: { refused } })
})
