import { describe, expect, it } from 'vitest'
import { type Act, actsFor } from '../../web/operator/acts.ts'
import { rolloutActsFor, versionsToOffer } from '../../web/operator/rollout-acts.ts'
import { auditQueryOf, hashOf, queryOf, routeOf } from '../../web/operator/routes.ts'
import { differencesOf, flatten } from '../../web/operator/setting-facts.ts'
import { foldOperations, isAsSerious, joinLogs, readLogLine } from '../../web/operator/site-records.ts'
import { gridStep } from '../../web/ui/chart-data.ts'

describe('the address of an operator’s view', () => {
  it.each([
    '#/',
    '#/sites',
    '#/sites?status=suspended&order=due-first&cursor=a%2Fb%3D',
    '#/sites?search=ada%40example.com',
    '#/sites/site_1',
    '#/sites/site_1?part=timeline&cursor=c',
    '#/rollouts',
    '#/webhooks',
    '#/sessions',
    '#/audit',
    '#/audit?who=op_1&action=operatorPurge&target=site_1&from=2026-01-31&until=2026-02-01&cursor=c',
  ])('%s holds the whole state', (hash) => {
    expect(hashOf(routeOf(hash))).toBe(hash)
  })

  it('ignores what it does not know', () => {
    expect(routeOf('')).toEqual({ name: 'overview' })
    expect(hashOf(routeOf('#/sites?status=happy&order=&x=1'))).toBe('#/sites')
    expect(hashOf(routeOf('#/sites/site_1?part=x'))).toBe('#/sites/site_1')
    expect(hashOf(routeOf('#/audit?from=yesterday&until=2026-13-01'))).toBe('#/audit')
    expect(routeOf('#/')).toEqual({ name: 'overview' })
    expect(routeOf('#/other')).toEqual({ name: 'unknown' })
  })
})

describe('a search of sites', () => {
  it.each([
    ['site_1', { id: 'site_1' }],
    [' ada@example.com ', { owner: 'ada@example.com' }],
    ['shop.localhost', { hostname: 'shop.localhost' }],
    ['https://Shop.localhost:4000/courses/?a=1', { hostname: 'shop.localhost' }],
    ['https://shop.localhost/?mail=a@b.c', { hostname: 'shop.localhost' }],
    ['http://localhost:4000/a', { hostname: 'localhost' }],
    ['shop.localhost.', { hostname: 'shop.localhost' }],
    ['bücher.example', { hostname: 'xn--bcher-kva.example' }],
    ['north bakery', { words: 'north bakery' }],
    ['St. Mary', { words: 'St. Mary' }],
  ])('%j is found by what it looks like, without another condition', (search, query) => {
    expect(queryOf({ search, status: 'active', order: 'oldest' })).toEqual(query)
  })

  it('lists by creation or deadline without a search', () => {
    expect(queryOf({})).toEqual({ sort: 'created', order: 'descending', owned: 'true' })
    expect(queryOf({ status: 'active', order: 'due-first', cursor: 'c' })).toEqual({
      status: 'active',
      sort: 'deadline',
      order: 'ascending',
      cursor: 'c',
    })
  })
})

describe('the acts on a site', () => {
  const site = {
    status: 'active',
    plan: 'trial',
    heldSince: null,
    accountId: 'acct_1',
    handOver: null,
    releaseCopy: null,
  } as const
  const releaseCopy = { id: 'arc_1', at: '2026-01-01T00:00:00.000Z', version: 1 }
  const handOver = { status: 'failed', at: null, reason: null, answer: null } as const
  const everything = () => true

  it.each([
    [site, ['enter', 'extend', 'plan', 'suspend', 'hold', 'allowance']],
    [
      { ...site, status: 'suspended', plan: 'pro', heldSince: '2026-01-01T00:00:00.000Z' } as const,
      ['resume', 'plan', 'unhold', 'allowance', 'purge'],
    ],
    [{ ...site, status: 'failed' } as const, ['retry', 'allowance']],
    [{ ...site, handOver } as const, ['enter', 'hand-over', 'extend', 'plan', 'suspend', 'hold', 'allowance']],
    [
      { ...site, releaseCopy } as const,
      ['enter', 'extend', 'plan', 'restore-release-copy', 'suspend', 'hold', 'allowance'],
    ],
    [
      { ...site, status: 'asleep', releaseCopy } as const,
      ['enter', 'retry', 'extend', 'plan', 'suspend', 'hold', 'allowance'],
    ],
    [{ ...site, status: 'purged' } as const, []],
    [{ ...site, accountId: null }, []],
  ] as const)('suit its state: %j', (given, expected: readonly Act[]) => {
    expect(actsFor(given, everything)).toEqual(expected)
  })

  it('need the permission of the role', () => {
    expect(actsFor(site, (operation) => operation === 'operatorExtend')).toEqual(['extend'])
  })
})

describe('the acts on a roll-out', () => {
  const failed = [{ siteId: 'site_1', because: 'x' }]
  it.each([
    ['running', [], ['pause', 'abort']],
    ['halted', failed, ['resume', 'retry', 'abort']],
    ['going-back', failed, ['abort']],
    ['finished', failed, ['retry']],
    ['aborted', failed, []],
  ] as const)('suit its state %s', (state, sites, expected) => {
    expect(rolloutActsFor({ state, failed: [...sites] }, () => true)).toEqual(expected)
  })

  it('need the permission of the role', () => {
    expect(rolloutActsFor({ state: 'running', failed: [] }, (id) => id === 'operatorPauseRollout')).toEqual(['pause'])
  })
})

describe('the versions for a roll-out', () => {
  const good = (version: number) => ({ version, heldBack: false, unavailable: false })
  const blueprints = [
    { name: 'wiki', versions: [good(1), good(2)] },
    {
      name: 'shop',
      versions: [good(1), good(3), { ...good(4), heldBack: true }, good(7), { ...good(9), unavailable: true }],
    },
    { name: 'new', versions: [] },
  ]

  it('are those that were published of blueprints without an open roll-out, the failed ones last', () => {
    const rollouts = [
      { blueprint: 'wiki', state: 'paused', failed: [] },
      { blueprint: 'shop', state: 'finished', failed: [] },
    ] as const
    const offered = versionsToOffer(
      blueprints,
      rollouts.map((rollout) => ({ ...rollout, failed: [] })),
    )
    expect(offered.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'shop 7',
      'shop 3',
      'shop 1',
      'shop 9',
      'shop 4',
    ])
    expect(offered.at(-1)).toMatchObject({ heldBack: true })
    expect(versionsToOffer(blueprints, [])).toHaveLength(7)
  })
})

describe('a filter of the audit log', () => {
  it('includes its last day', () => {
    expect(auditQueryOf({ who: 'op_1', from: '2026-02-28', until: '2026-02-28' })).toEqual({
      who: 'op_1',
      only: 'changes',
      from: '2026-02-28T00:00:00.000Z',
      until: '2026-03-01T00:00:00.000Z',
    })
  })

  it('asks for changes, unless one act or everything is chosen', () => {
    expect(auditQueryOf({})).toEqual({ only: 'changes' })
    expect(auditQueryOf({ action: 'all' })).toEqual({})
    expect(auditQueryOf({ action: 'signIn' })).toEqual({ action: 'signIn' })
  })
})

describe('the timeline of a site', () => {
  const entry = (
    type: string,
    kind: 'event' | 'operation' | 'step' | 'mail' | 'failure',
    details: Record<string, unknown> = {},
  ) => ({ id: 'evt_1', type, kind, details })
  const [ended, retried, begun] = [
    entry('SiteOperationEnded', 'operation'),
    entry('SiteOperationRetried', 'step'),
    entry('SiteOperationBegun', 'operation'),
  ]
  const [failure, woke, mail] = [entry('Failure', 'failure'), entry('SiteWoke', 'event'), entry('Mail', 'mail')]
  const [step, requested] = [entry('SiteBuildAdvanced', 'step'), entry('SiteRequested', 'operation')]

  it('has one row for each operation, and one for everything else', () => {
    expect(foldOperations([mail, ended, failure, woke, retried, begun, ended, begun, step, step, requested])).toEqual([
      [mail],
      [ended, failure, retried, begun],
      [woke],
      [ended, begun],
      [step, step, requested],
    ])
  })

  it('has an operation with its phases and what it changed in one row', () => {
    const site = `site_${'0'.repeat(26)}`
    const of = (fence: number) => ({ causationId: `upgrade-site-${site}-${fence}-1` })
    const end = entry('SiteOperationEnded', 'operation', { ...of(8), version: 11 })
    const moved = entry('SiteMoved', 'event', { ...of(8), version: 10 })
    const phase = entry('SiteOperationBegun', 'operation', { ...of(8), version: 9 })
    const start = entry('SiteOperationBegun', 'operation', { causationId: 'evt_2', version: 8 })
    const opened = entry('SiteOpened', 'event', { causationId: `provision-site-${site}-1`, version: 3 })
    const built = entry('SiteBuildAdvanced', 'step', { causationId: `provision-site-${site}-1`, version: 2 })
    const wanted = entry('SiteRequested', 'operation', { causationId: 'req_1', version: 1 })
    expect(foldOperations([end, moved, phase, start, woke, opened, built, wanted])).toEqual([
      [end, moved, phase, start],
      [woke],
      [opened, built, wanted],
    ])
  })

  it('has what began an operation in its row, though nothing says so', () => {
    const of = { causationId: `suspend-site-site_${'0'.repeat(26)}-8-1` }
    const end = entry('SiteOperationEnded', 'operation', { ...of, version: 9 })
    const suspended = entry('SiteSuspended', 'event', { causationId: 'req_1', version: 8 })
    const before = entry('SiteRenamed', 'event', { causationId: 'req_0', version: 7 })
    expect(foldOperations([end, suspended, before])).toEqual([[end, suspended], [before]])
  })

  it('joins what a page has of an operation', () => {
    expect(foldOperations([retried, begun, woke, ended])).toEqual([[retried, begun], [woke], [ended]])
    expect(foldOperations([])).toEqual([])
  })
})

describe('two versions of a blueprint', () => {
  it('differ in the settings that one of them lacks or has otherwise', () => {
    const before = { version: 1, containers: [{ name: 'web', image: 'a' }], old: true }
    const after = { version: 2, containers: [{ name: 'web', image: 'b' }], limits: { cpu: 1 } }
    expect(differencesOf(before, after)).toEqual([
      { path: 'containers.1.image', before: 'a', after: 'b' },
      { path: 'old', before: 'true', after: undefined },
      { path: 'limits.cpu', before: undefined, after: '1' },
    ])
    expect(differencesOf(before, { ...before, version: 3 })).toEqual([])
  })
})

describe('the axis of a chart', () => {
  it.each([
    [0, true, 1],
    [1, true, 1],
    [7, true, 4],
    [23, true, 15],
    [1999, true, 1000],
    [0.37, false, 0.2],
    [41_900, true, 25_000],
  ])('has round numbers with room for %d', (max, isWhole, step) => {
    expect(gridStep(max, isWhole)).toBeCloseTo(step)
  })
})

describe('the output of a site', () => {
  const logs = (container: string, lines: readonly string[], cursor = 'c') => ({
    containers: [{ container, lines }],
    cursor,
  })

  it('grows by what was written since, for each container', () => {
    const joined = joinLogs(joinLogs(logs('web', ['1']), logs('db', ['2'])), logs('web', ['3'], 'last'))
    expect(joined).toEqual({
      containers: [
        { container: 'web', lines: ['1', '3'] },
        { container: 'db', lines: ['2'] },
      ],
      cursor: 'last',
    })
    expect(joinLogs(undefined, logs('web', ['1']))).toEqual(logs('web', ['1']))
  })

  it('keeps the last 500 lines', () => {
    const many = Array.from({ length: 499 }, (_, line) => `line ${line}`)
    const [web] = joinLogs(logs('web', many), logs('web', ['a', 'b'])).containers
    expect([web?.lines.length, web?.lines[0], web?.lines.at(-1)]).toEqual([500, 'line 1', 'b'])
  })
})

describe('a setting', () => {
  it('is shown by the paths of its values', () => {
    expect(
      flatten({ target: 2, wakes: { client: [{ limit: 30 }, { limit: 5 }] }, names: ['a', 'b'], none: [] }),
    ).toEqual([
      ['target', '2'],
      ['wakes.client.1.limit', '30'],
      ['wakes.client.2.limit', '5'],
      ['names', 'a, b'],
      ['none', '–'],
    ])
  })

  it('is read with its time and level, if it is JSON with a message', () => {
    const at = '2026-03-01T12:00:00.000Z'
    const text = 'a request failed'
    expect(readLogLine(`{"level":"error","message":"${text}","at":"${at}","error":"EPIPE","tries":2}`)).toEqual({
      at,
      level: 'error',
      text: `${text} error=EPIPE tries=2`,
    })
    expect(readLogLine(`{"level":40,"time":${Date.parse(at)},"msg":"${text}"}`)).toEqual({ at, level: 'warning', text })
    expect(readLogLine(`{"severity":"NOTICE","ts":"soon","msg":"${text}"}`)).toEqual({ level: 'info', text })
  })

  it.each(['GET / 200', '{"broken', '{"requests":3}', '[1]', ''])('keeps the line %j as it is', (line) => {
    expect(readLogLine(line)).toEqual({ text: line })
  })

  it('can be shown from a level on', () => {
    const lines = [{ level: 'error', text: 'a' }, { level: 'debug', text: 'b' }, { text: 'c' }] as const
    const from = (min: 'error' | 'warning' | 'info' | 'debug') =>
      lines.filter((line) => isAsSerious(line, min)).map(({ text }) => text)
    expect([from('error'), from('warning'), from('info'), from('debug')]).toEqual([
      ['a'],
      ['a'],
      ['a', 'c'],
      ['a', 'b', 'c'],
    ])
  })
})
