import { describe, expect, it } from 'vitest'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { oneOffLaunch } from '../../../core/blueprint/one-off.ts'
import { requirePublishable } from '../../../lambdas/blueprints/require-publishable.ts'
import config from '../../../sitewright.config.ts'
import { firstHome } from '../../support/probe-launch.ts'

const blueprintWith = (facts: object) =>
  parseBlueprint(
    {
      name: 'shop',
      version: 1,
      title: 'Shop',
      access: 'public',
      containers: [
        {
          name: 'web',
          image: 'shop:1',
          process: { command: ['shop', 'serve'], directory: 'app' },
          environment: { ADMIN: 'nobody', MODE: 'serve' },
          secrets: ['KEY'],
          after: ['database'],
          health: { command: ['curl', 'localhost'] },
        },
        { name: 'database', image: 'database:1', after: ['disk'] },
        { name: 'disk', image: 'disk:1' },
        { name: 'worker', image: 'shop:1', after: ['web'] },
      ],
      traffic: { container: 'web' },
      data: { mode: 'exclusive' },
      ...facts,
    },
    'a test',
  )

const launch = {
  ...firstHome(),
  blueprint: blueprintWith({}),
  size: { cpu: 1, memoryMiB: 512, processes: 64 },
  plan: 'trial',
  interruptible: true,
  environment: {},
  secrets: { KEY: 'k' },
}

describe('the launch of a command', () => {
  const { blueprint, secrets } = oneOffLaunch(launch, { command: ['shop', 'migrate'], environment: { ADMIN: 'ada' } })
  const [web, ...others] = blueprint.containers

  it('has the traffic container with the command, in both forms, and no health check', () => {
    expect(web).toMatchObject({
      command: ['shop', 'migrate'],
      process: { command: ['shop', 'migrate'], directory: 'app' },
    })
    expect(web).not.toHaveProperty('health')
  })

  it('has the containers that it waits for, and none that waits for it', () => {
    expect(others.map(({ name }) => name)).toEqual(['database', 'disk'])
  })

  it('gives the variables of the command as secrets, instead of those of the same name', () => {
    expect(web).toMatchObject({ environment: { MODE: 'serve' }, secrets: ['KEY', 'ADMIN'] })
    expect(secrets).toEqual({ KEY: 'k', ADMIN: 'ada' })
  })
})

describe('a blueprint with commands', () => {
  const publish = (facts: object) => () => requirePublishable(blueprintWith(facts), config.plans)
  const task = {
    command: ['shop', 'admin'],
    environment: { EMAIL: '${OWNER_EMAIL}', PASSWORD: '${ONE_TIME_PASSWORD}' },
  }

  it('can be published', () => {
    expect(
      publish({ handOver: { task }, release: { command: ['shop', 'migrate', '${DATA_DIRECTORY}'] } }),
    ).not.toThrow()
  })

  it.each([
    ['the owner on the command line', { handOver: { task: { command: ['shop', '${OWNER_EMAIL}'] } } }, 'OWNER_EMAIL'],
    ['an unknown variable', { handOver: { task: { ...task, environment: { A: '${OWNER}' } } } }, 'OWNER_NAME'],
    ['a secret in a release command', { release: { command: ['shop', '${secret.KEY}'] } }, 'secret.KEY'],
    ['the URL in a release command', { release: { command: ['shop', '${SITE_URL}'] } }, 'SITE_URL'],
    ['a variable that no shell reads', { release: { command: ['shop', '$HOME'] } }, 'no shell reads it'],
  ])('is refused with %s', (_, facts, words) => {
    expect(publish(facts)).toThrow(words)
  })

  it.each([
    ['a hook and a task', { hook: { path: '/owner' }, task }],
    ['neither', {}],
  ])('is refused with %s', (_, handOver) => {
    expect(() => blueprintWith({ handOver })).toThrow('either `hook` or `task`')
  })
})
