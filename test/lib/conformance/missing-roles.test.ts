import {
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam'
import { beforeAll, describe, expect, it } from 'vitest'
import { createArchiverRoles, createSiteRoles } from '../../../adapters/iam/roles.ts'
import type { PolicyDocument } from '../../../adapters/iam/site-policies.ts'
import { functions } from '../../../lambdas/manifest.ts'
import { isAllowed } from '../../adapters/iam/evaluate.ts'
import { playAws } from '../../adapters/play-aws.ts'
import { cellSample } from '../../support/cell-sample.ts'
import { newSiteId } from '../../support/probe-launch.ts'
import { grantsOfFunction, type Statement } from '../support/statements.ts'
import { type Synthesised, synthesise } from '../support/synthesise.ts'

let all: Synthesised
beforeAll(async () => {
  all = await synthesise()
})

const reading = ['iam:GetRole', 'iam:ListRolePolicies'] as const
const everything: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }],
}
const nothing: PolicyDocument = { Version: '2012-10-17', Statement: [] }

const grantsOf = (name: string): readonly Statement[] => grantsOfFunction(all.template('control'), name)
const actionsOf = (name: string): readonly string[] => grantsOf(name).flatMap(({ actions }) => actions)

const mayOn = (name: string, action: string, resource: string): boolean => {
  const Statement = grantsOf(name).map(({ effect, actions, resources, conditions }, at) => ({
    Sid: `S${at}`,
    Effect: effect,
    Action: actions,
    Resource: resources,
    Condition: conditions,
  }))
  const role = { policies: [{ Version: '2012-10-17' as const, Statement }], boundary: everything }
  return isAllowed({ action, resource, context: {} }, { role, resourcePolicy: nothing })
}

const failure = (name: string): Error => Object.assign(new Error(name), { name })

/**
 * IAM as a function finds it. A call names a role without its path, and IAM knows the path of a role that exists only: what is
 * asked of a missing one is allowed or denied by its name alone.
 */
const iamFor = (functionName: string) => {
  const roles = new Map<string, { readonly path: string; readonly policies: Set<string> }>()
  const actions: Readonly<Record<string, string>> = {
    [GetRoleCommand.name]: 'iam:GetRole',
    [ListRolePoliciesCommand.name]: 'iam:ListRolePolicies',
    [DeleteRolePolicyCommand.name]: 'iam:DeleteRolePolicy',
    [DeleteRoleCommand.name]: 'iam:DeleteRole',
  }
  const iam = playAws(
    new IAMClient({ region: 'eu-central-1' }),
    ({ RoleName, PolicyName = '' }: { RoleName: string; PolicyName?: string }, command) => {
      const action = actions[command]
      if (action === undefined) throw new Error(`The test does not know ${command}.`)
      const role = roles.get(RoleName)
      const resource = `arn:aws:iam::111122223333:role${role?.path ?? '/'}${RoleName}`
      if (!mayOn(functionName, action, resource)) throw failure('AccessDenied')
      if (role === undefined) throw failure('NoSuchEntityException')
      if (action === 'iam:DeleteRole') roles.delete(RoleName)
      if (action === 'iam:DeleteRolePolicy' && !role.policies.delete(PolicyName)) throw failure('NoSuchEntityException')
      return { Role: {}, PolicyNames: [...role.policies] }
    },
  )
  return { iam, roles }
}

const siteId = newSiteId()
const job = { kind: 'release', id: 'j', siteId, home: { siteId, cell: 'local', generation: 1 } } as const
const rolesOf = (iam: IAMClient, path: string) => ({ iam, cell: cellSample, installation: 'sitewright-test', path })

const names = functions.map(({ name }) => name)
const mayAll = (name: string, ...actions: readonly string[]): boolean => {
  const allowed = actionsOf(name)
  return actions.every((action) => allowed.includes(action))
}

describe('a role that does not exist', () => {
  it.each(reading)('is found missing by every function that asks %s of ours', (action) => {
    const asking = names.filter((name) => mayAll(name, action))
    expect(asking).not.toEqual([])
    for (const name of asking) {
      expect([name, mayOn(name, action, `arn:aws:iam::111122223333:role/${siteId}`)]).toEqual([name, true])
    }
  })

  it('is only read', () => {
    const withoutPath = names.flatMap((name) =>
      grantsOf(name).filter(({ resources }) => resources.some((arn) => /:iam:.*:role\/site_/.test(arn))),
    )
    expect(new Set(withoutPath.flatMap(({ actions }) => actions))).toEqual(new Set(reading))
  })

  it('means that no attempt at a job of the archiver was made, and that nothing is left to remove', async () => {
    const archivers = names.filter((one) => mayAll(one, 'iam:GetRole', 'iam:TagRole'))
    expect(archivers).not.toEqual([])
    for (const name of archivers) {
      const { iam } = iamFor(name)
      const archiver = createArchiverRoles(rolesOf(iam, '/sitewright-test/archiver/'))
      expect([name, await archiver.attemptAt(job)]).toEqual([name, undefined])
      await archiver.remove(job)
    }
  })

  it('counts as removed in each function that removes sites', async () => {
    const removers = names.filter((one) => mayAll(one, 'iam:DeleteRole', 'ecs:DeleteService'))
    expect(removers).not.toEqual([])
    for (const name of removers) {
      const { iam, roles } = iamFor(name)
      const site = createSiteRoles(rolesOf(iam, '/sitewright-test/sites/'))
      const policies = new Set([`own-data-${cellSample.name}`, 'own-data-other'])
      roles.set(siteId, { path: '/sitewright-test/sites/', policies })
      await site.removeFromCell(siteId)
      await site.removeFromCell(siteId)
      expect([...policies]).toEqual(['own-data-other'])
      await site.remove(siteId)
      expect([...roles.keys()]).toEqual([])
      await site.remove(siteId)
      await site.removeFromCell(siteId)
    }
  })
})
