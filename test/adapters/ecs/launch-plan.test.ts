import { ParameterAlreadyExists, SSMClient } from '@aws-sdk/client-ssm'
import { expect, test } from 'vitest'
import { createLaunchPlans, passingParametersOf } from '../../../adapters/ecs/launch-plan.ts'
import { createSiteParameters } from '../../../adapters/ssm/site-parameters.ts'
import type { Launch, OneOff } from '../../../core/ports/runtime.ts'
import { cellSample } from '../../support/cell-sample.ts'
import { newSiteId, probeLaunch } from '../../support/probe-launch.ts'
import { playAws } from '../play-aws.ts'

const port = 23_456

/** The plans of launches, with a store of parameters that keeps a value until it is overwritten or deleted. */
const scene = () => {
  const stored = new Map<string, string>()
  const ssm = playAws(
    new SSMClient({ region: 'eu-central-1' }),
    (input: { Name: string; Value: string; Overwrite?: boolean; Names?: readonly string[] }) => {
      for (const name of input.Names ?? []) stored.delete(name)
      if (input.Names !== undefined) return {}
      if (stored.has(input.Name) && !input.Overwrite) {
        throw new ParameterAlreadyExists({ message: 'It is there.', $metadata: {} })
      }
      stored.set(input.Name, input.Value)
      return {}
    },
  )
  const parameters = createSiteParameters({ ssm, cell: cellSample, installation: 'test', path: '/sites' })
  const planOf = createLaunchPlans({
    cell: cellSample,
    storage: { accessPointOf: async () => ({ id: 'fsap-own', arn: 'arn:access-point' }) },
    roles: { arnOf: () => 'arn:role', ensure: async () => 'arn:role' } as never,
    parameters,
    ports: { claim: async () => port } as never,
    familyOf: (id) => id,
    commandFamilyOf: (id) => `${id}-once`,
  })
  /** The values that the traffic container of a plan gets as secrets. */
  const secretsOf = async (...asked: Parameters<typeof planOf>) => {
    const { definition } = await planOf(...asked)
    const { secrets = [] } = definition.containerDefinitions?.find(({ name }) => name === 'probe-site') ?? {}
    const storedAt = (arn = '') => stored.get(arn.replace(/^.*:parameter/, ''))
    return Object.fromEntries(secrets.map(({ name, valueFrom }) => [name, storedAt(valueFrom)]))
  }
  return { stored, parameters, secretsOf, planOf }
}

const [clone, source] = [newSiteId(), newSiteId()]
const image = `111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop@sha256:${'a'.repeat(64)}`
const container = { image, secrets: ['DB_PASSWORD'], environment: { DB_URL: 'db://${secret.DB_PASSWORD}@db' } }
const launch: Launch = {
  ...probeLaunch({ siteId: clone, container, size: { cpu: 0.5, memoryMiB: 1024, processes: 64 } }),
  secrets: { DB_PASSWORD: 'of the clone' },
  given: { DB_PASSWORD: '1' },
}
const run: OneOff = {
  ...{ key: 'anonymise', command: ['dump'], environment: {}, seconds: 60 },
  secrets: { DB_PASSWORD: 'of the source' },
}

test('a command with the secrets of another site gets those alone, as parameters that go with it', async () => {
  const { stored, parameters, secretsOf } = scene()
  expect(await secretsOf(launch, { run })).toEqual({ DB_PASSWORD: 'of the source', DB_URL: 'db://of the source@db' })
  expect([...stored.keys()].every((name) => name.startsWith(`/sites/${clone}/once.`))).toBe(true)
  expect([...stored.keys()].join(' ')).not.toContain(source)
  await parameters.removePassing(clone, Object.keys(passingParametersOf(launch, run, port)))
  expect(stored).toEqual(new Map())
})

test('the site itself never gets them, even if the command was never cleaned up', async () => {
  const { secretsOf } = scene()
  await secretsOf(launch, { run })
  expect(await secretsOf(launch)).toEqual({ DB_PASSWORD: 'of the clone', DB_URL: 'db://of the clone@db' })
  const { secrets: _, ...load } = { ...run, key: 'load', command: ['load'] }
  expect(await secretsOf(launch, { run: load })).toMatchObject({ DB_PASSWORD: 'of the clone' })
})

test('a command that hides its output has no log', async () => {
  const { planOf } = scene()
  const logged = async (one: OneOff) =>
    (await planOf(launch, { run: one })).definition.containerDefinitions
      ?.filter(({ logConfiguration }) => logConfiguration !== undefined)
      .map(({ name }) => name)
  const helpers = ['data_lease', 'data_keeper']
  expect(await logged(run)).toEqual([...helpers, 'probe-site'])
  expect(await logged({ ...run, hidesOutput: true })).toEqual(helpers)
})

test('a secret of the source and one that is set for the clone by a version of the same number are two parameters', async () => {
  const { stored, secretsOf } = scene()
  const kept = { ...launch, secrets: { DB_PASSWORD: 'of the source' }, given: { DB_PASSWORD: `${source}.2` } }
  expect(await secretsOf(kept)).toEqual({ DB_PASSWORD: 'of the source', DB_URL: 'db://of the source@db' })
  expect(await secretsOf({ ...launch, given: { DB_PASSWORD: '2' } })).toEqual({
    ...{ DB_PASSWORD: 'of the clone', DB_URL: 'db://of the clone@db' },
  })
  expect([...stored.keys()]).toEqual(
    expect.arrayContaining([`/sites/${clone}/given.${source}.2.DB_PASSWORD`, `/sites/${clone}/given.2.DB_PASSWORD`]),
  )
})

test('SSM takes the longest names of parameters', async () => {
  const { stored, secretsOf } = scene()
  const name = 'S'.repeat(128)
  const [web] = launch.blueprint.containers
  const environment = { [name]: `db://\${secret.${name}}@db` }
  const containers = [{ ...web!, name: 'c'.repeat(31), secrets: [name], environment }]
  const blueprint = {
    ...launch.blueprint,
    containers,
    traffic: { ...launch.blueprint.traffic, container: 'c'.repeat(31) },
  }
  const longest = {
    ...launch,
    blueprint,
    secrets: { [name]: 'x' },
    given: { [name]: `${source}.${Number.MAX_SAFE_INTEGER}` },
  }
  await secretsOf(longest)
  await secretsOf(longest, { run })
  // With the ARN's 49 characters and more before the path: the Systems Manager API Reference, "PutParameter".
  for (const one of stored.keys()) expect(one).toMatch(/^[A-Za-z0-9_.\-/]{1,900}$/)
})
