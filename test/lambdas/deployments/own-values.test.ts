import { describe, expect, it } from 'vitest'
import { containerEnvironment, containerPlace } from '../../../adapters/site-runtime/container-texts.ts'
import { type Blueprint, parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { factsFor } from '../../../core/blueprint/interpolate.ts'
import { withOwnVariables } from '../../../lambdas/deployments/declare-values.ts'
import { requireOpened } from '../../../lambdas/deployments/own-version.ts'
import config from '../../../sitewright.config.ts'
import { probeLaunch } from '../../support/probe-launch.ts'

const plan = config.plans.find(({ id }) => id === 'enterprise') ?? config.plans[0]
if (plan === undefined) throw new Error('there is no plan')

const versionOf = (name: string, more: object = {}): Blueprint =>
  parseBlueprint(
    {
      name,
      version: 1,
      title: 'Shop',
      variables: { THEME: { default: 'light' } },
      containers: [
        { name: 'web', image: 'web', variables: ['THEME'], environment: { LOG_LEVEL: 'warn' }, secrets: ['KEY'] },
        { name: 'db', image: 'db' },
      ],
      traffic: { container: 'web' },
      data: { mode: 'exclusive' },
      access: 'owner',
      ...more,
    },
    'a test',
  )

const own = 'site-01jq3v5k8m0000000000000001'

const environmentsOf = (name: string, set: Record<string, string>) => {
  const blueprint = withOwnVariables(versionOf(name), set)
  const facts = factsFor(blueprint, { siteUrl: 'https://shop.example.com', plan }, set)
  const launch = { ...probeLaunch(), blueprint, secrets: { KEY: 'k' }, ...(facts && { facts }) }
  return blueprint.containers.map((container) =>
    containerEnvironment(container, launch, containerPlace(blueprint, 8080)),
  )
}

describe('the variables that an owner sets', () => {
  it('reach all containers of their own software, literally, and before what the file sets', () => {
    const [web, db] = environmentsOf(own, { LOG_LEVEL: 'debug', URL: '${secret.KEY}', THEME: 'dark' })
    expect(web).toMatchObject({ LOG_LEVEL: 'debug', URL: '${secret.KEY}', THEME: 'dark', KEY: 'k' })
    expect(db).toMatchObject({ LOG_LEVEL: 'debug', URL: '${secret.KEY}' })
    // The file names the containers of those that it declares.
    expect(db).not.toHaveProperty('THEME')
  })

  it('reach a plain process only where its file lists them: others could make it run other code', () => {
    const web = { name: 'web', image: 'web', variables: ['THEME'], process: { command: ['node'] } }
    const blueprint = versionOf(own, { containers: [web] })
    const set = { NODE_OPTIONS: '--import=data:,', LOG_LEVEL: 'debug', THEME: 'dark' }
    expect(withOwnVariables(blueprint, set).containers[0]?.variables).toEqual(['THEME'])
  })

  it('replace no secret, and reach no software of vendors', () => {
    expect(environmentsOf(own, { KEY: 'another' })[0]).toMatchObject({ KEY: 'k' })
    const [web] = environmentsOf('shop', { LOG_LEVEL: 'debug' })
    expect(web).toMatchObject({ LOG_LEVEL: 'warn' })
  })
})

describe('what a plan opens', () => {
  const root = versionOf(own, { data: { mode: 'exclusive', owner: { uid: 999, gid: 999 } } })

  it('is all that own software relaxes', () => {
    const outside = versionOf(own, { outbound: 'internet' })
    const { opens: _, ...closed } = plan
    expect(() => requireOpened(versionOf(own), closed)).not.toThrow()
    expect(() => requireOpened(outside, closed)).toThrow('outbound: is not in the plan')
    expect(() => requireOpened(outside, { ...closed, opens: ['outbound'] })).not.toThrow()
    expect(() => requireOpened(root, { ...closed, opens: ['outbound'] })).toThrow('data.owner')
    expect(() => requireOpened(root, { ...closed, opens: ['root'] })).not.toThrow()
  })
})
