import { expect, it } from 'vitest'
import type { SiteId } from '../../../core/ids.ts'
import { changesToData } from '../../../lambdas/deployments/data-changes.ts'
import { type Deployment, ownBlueprint } from '../../../lambdas/deployments/deployment.ts'
import { welcome } from '../../support/provisioning.ts'

const [id, source]: readonly SiteId[] = ['site_01jq3v5k8m0000000000000001', 'site_01jq3v5k8m0000000000000002']
const release = { migrates: true, backwardCompatible: false, checks: [], bakeSeconds: 60 }
const made = (version: number, software: string, more: Partial<Deployment> = {}) =>
  ({
    ...{ version, status: 'live', file: { software }, images: {}, ...more },
    blueprint: { ...welcome(version), ...(software.startsWith('migrating') && { release }) },
  }) as Deployment
const many = (from: number) =>
  Array.from({ length: 100 }, (_, place) => made(from + 99 - place, `${from + 99 - place}`))
const known = [made(4, 'migrating too'), made(3, 'new'), made(2, 'migrating'), made(1, 'old')]
const wentBack = [made(3, 'hotfix'), made(2, 'migrating', { status: 'went-back' }), made(1, 'old')]
const promoted = { promotedFrom: { name: 'qa', siteId: source!, version: 3 } }

it.each<[string, boolean, number, readonly Deployment[], readonly Deployment[], Partial<Deployment>]>([
  ['a version that does not migrate', false, 1, [made(1, 'old')], [], {}],
  ['a promotion that skips none that does', false, 2, [made(2, 'migrating')], known, promoted],
  ['a promotion that skips one', true, 1, [made(1, 'old')], known, promoted],
  ['a promotion that skips one that did not work before the present version', true, 3, wentBack, known, promoted],
  ['a version after a hundred that did not work', true, 1, many(2), [], {}],
  ['a promotion from a hundred versions, of which the site had one', false, 1, [made(1, '2')], many(2), promoted],
  ['a promotion from a hundred versions, of which it had none', true, 1, [made(1, 'old')], many(2), promoted],
  ['a promotion of a version that is not known any more', true, 1, [made(1, '150')], many(100), promoted],
])(
  'knows whether it changes data, or takes it for that: %s, %s',
  async (_, isTrue, version, ofSite, ofSource, more) => {
    const deployments = { list: async (siteId: SiteId) => (siteId === id ? ofSite : ofSource) }
    const site = { id: id!, blueprint: { name: ownBlueprint(id!), version } }
    const changes = await changesToData({ deployments }, site, made(200, 'newest', more))
    expect(changes).toEqual({ migrates: isTrue, breaks: isTrue })
  },
)
