import { describe, expect, it } from 'vitest'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { entryAfterUpgrade, entryOf, oneTimePassword } from '../../../core/blueprint/handing-over.ts'
import { isErrorOfKind } from '../../../core/errors.ts'
import { gateOf, type SiteEntry } from '../../../core/site/hand-over.ts'
import { requirePublishable } from '../../../lambdas/blueprints/require-publishable.ts'

const blueprintWith = (more: object) =>
  parseBlueprint(
    {
      name: 'shop',
      version: 1,
      title: 'Shop',
      containers: [{ name: 'web', image: 'shop:1', secrets: ['ADMIN_TOKEN'] }],
      traffic: { container: 'web' },
      data: { mode: 'exclusive' },
      ...more,
    },
    'a test',
  )

const handOver = { hook: { path: '/owner' } }
const pending = { status: 'pending' }

describe('the way into a site of a blueprint', () => {
  it.each([
    ['without a word about it', {}, {}, undefined],
    ['that is claimed', { access: 'claimed' }, {}, undefined],
    ['with a hook', { handOver }, { access: 'claimed', handOver: pending }, 'not-open'],
    ['that is public with a hook', { access: 'public', handOver }, { handOver: pending }, undefined],
    ['that is public', { access: 'public' }, {}, undefined],
    ['of its owner', { access: 'owner' }, { access: 'owner' }, 'private'],
    ['of its owner with a hook', { access: 'owner', handOver }, { access: 'owner', handOver: pending }, 'private'],
    [
      'with credentials',
      { credentials: [{ name: 'ADMIN_TOKEN', label: 'Token' }] },
      { credentials: { shownAt: null } },
      undefined,
    ],
  ])('%s', (_, more, entry, gate) => {
    expect(entryOf(blueprintWith(more))).toEqual(entry)
    expect(gateOf(entryOf(blueprintWith(more)))).toBe(gate)
  })

  it('changes nothing that is stored of a blueprint without one', () => {
    expect(Object.keys(blueprintWith({}))).not.toEqual(expect.arrayContaining(['access']))
    expect(Object.keys(blueprintWith({}))).not.toEqual(expect.arrayContaining(['credentials']))
  })
})

const problemsOf = (more: object): readonly string[] => {
  try {
    requirePublishable(blueprintWith(more), [])
    return []
  } catch (error) {
    if (!isErrorOfKind(error, 'BlueprintInvalid')) throw error
    return (error.fields ?? []).map(({ path, message }) => `${path}: ${message}`)
  }
}

describe('publishing', () => {
  it.each([{}, { access: 'claimed' }])('refuses %o, with which strangers could get in before the owner', (more) => {
    expect(problemsOf(more)).toEqual([expect.stringMatching(/^access: must be `owner` or `public`, or there must be/)])
  })

  it.each([{ access: 'public' }, { access: 'owner' }, { handOver }, { access: 'claimed', handOver }])(
    'allows %o',
    (more) => {
      expect(problemsOf(more)).toEqual([])
    },
  )

  it('refuses secrets that no container has', () => {
    expect(
      problemsOf({
        handOver: { hook: { path: '/owner', secret: 'HOOK' } },
        credentials: [
          { name: oneTimePassword, label: 'Password' },
          { name: 'ADMIN_TOKEN', label: 'Token' },
          { name: 'OTHER', label: 'Other' },
        ],
      }),
    ).toEqual([
      "handOver.hook.secret: no container has a secret 'HOOK'",
      "credentials.2.name: no container has a secret 'OTHER'",
    ])
  })

  it('refuses the password of a hook where there is no hook', () => {
    expect(problemsOf({ access: 'owner', credentials: [{ name: oneTimePassword, label: 'Password' }] })).toEqual([
      `credentials.0.name: no container has a secret '${oneTimePassword}'`,
    ])
  })

  it.each(['owner', '/with a space', 'https://elsewhere.example/'])('refuses the path %s', (path) => {
    expect(() => blueprintWith({ handOver: { hook: { path } } })).toThrow('handOver.hook.path')
  })
})

describe('the way into a site after an upgrade', () => {
  const done = { status: 'done', at: '2026-11-22T00:00:00.000Z' } as const
  const failed = { status: 'failed', at: done.at, reason: 'no' } as const
  const owners = { access: 'owner' } as const
  const environment = { ...owners, environmentOf: {} }
  it.each([
    ['closes where the new version lets only its owner in', {}, { access: 'owner' }, { access: 'owner' }],
    ['opens where the new version is public', { access: 'owner' }, { access: 'public' }, {}],
    ['stays as it was claimed', { access: 'claimed', handOver: done }, { handOver }, { access: 'claimed' }],
    ['does not wait for a hook that is new', {}, { handOver }, {}],
    ['stays with its owner alone where a hook is new', { access: 'owner' }, { handOver }, { access: 'owner' }],
    [
      'still waits for a hand-over that failed where the version has none',
      { access: 'claimed', handOver: failed },
      {},
      { access: 'claimed' },
    ],
    [
      'waits for the hand-over where it no longer is for its owner alone',
      { access: 'owner', handOver: failed },
      {},
      { access: 'claimed' },
    ],
    ['opens where the version has none and says so', { access: 'claimed', handOver: failed }, { access: 'public' }, {}],
    ['opens where the version has none after the hand-over', { access: 'claimed', handOver: done }, {}, {}],
    ['stays open where it was open before its hand-over', { handOver: failed }, {}, {}],
    ['stays private beside a site where the version is public', environment, { access: 'public' }, owners],
    ['stays private beside a site that was handed over', { ...environment, handOver: done }, { handOver }, owners],
    ['stays private in a rehearsal', { access: 'owner', rehearsalOf: {} }, {}, owners],
    ['still waits for a hand-over that failed', { handOver: pending }, { handOver }, { access: 'claimed' }],
    [
      'shows credentials once, also over upgrades',
      { credentials: { shownAt: done.at } },
      { credentials: [{ name: 'ADMIN_TOKEN', label: 'Token' }] },
      { credentials: { shownAt: done.at } },
    ],
  ])('%s', (_, site, more, entry) => {
    expect(entryAfterUpgrade(site as SiteEntry, blueprintWith(more))).toEqual(entry)
  })
})
