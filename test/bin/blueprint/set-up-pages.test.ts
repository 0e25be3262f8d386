import { describe, expect, it } from 'vitest'
import type { Answer } from '../../../bin/blueprint/try/door.ts'
import { checkHandedOver, checkSetUpPages } from '../../../bin/blueprint/try/set-up-pages.ts'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import type { BlueprintEntry } from '../../../core/blueprint/handing-over.ts'

const blueprint = parseBlueprint(
  {
    name: 'shop',
    version: 1,
    title: 'Shop',
    containers: [{ name: 'web', image: 'shop:1' }],
    traffic: { container: 'web' },
    data: { mode: 'exclusive' },
  },
  'test',
)
const url = 'https://shop.example.net'

const page = (body: string): Answer => ({ status: 200, headers: {}, body })
const redirect = (location: string): Answer => ({ status: 302, headers: { location }, body: '' })
const missing: Answer = { status: 404, headers: {}, body: '' }

const check = async (
  answers: Readonly<Record<string, Answer>>,
  { other = missing, ...entry }: BlueprintEntry & { other?: Answer } = {},
) => {
  const visitors: string[] = []
  const visit = async ({ path, as }: { path: string; as: string }) => {
    visitors.push(as)
    return answers[path] ?? other
  }
  const { verdict, result } = await checkSetUpPages({ visit }, { url, blueprint: { ...blueprint, ...entry } })
  expect(new Set(visitors)).toEqual(new Set(['stranger']))
  return `${verdict}: ${result}`
}

describe('strangers', () => {
  it.each([
    [
      'are led to a set-up',
      { '/': redirect('/en/setup_wizard?step=1'), '/en/setup_wizard?step=1': page('') },
      '/en/setup_wizard',
    ],
    [
      'find a set-up at a usual path',
      { '/': page('shop'), '/install': redirect('/install/start'), '/install/start': page('') },
      '/install/start',
    ],
    ['see a form for the administrator', { '/': page('Create your first user <input type=password>') }, '/ looks like'],
    ['are led to a set-up elsewhere', { '/': redirect('http://localhost:3000/setup') }, '/setup'],
  ])('%s', async (_, answers: Readonly<Record<string, Answer>>, where) => {
    const said = await check(answers)
    expect(said).toContain('change: Strangers can reach an administrable site: ')
    expect(said).toContain(where)
    expect(await check(answers, { access: 'public' })).toBe(said)
    expect(await check(answers, { access: 'owner' })).toContain('note: ')
    const handOver = { hook: { path: '/owner' } }
    expect(await check(answers, { access: 'claimed', handOver })).toContain('let in after the hand-over')
    expect(await check(answers, { access: 'public', handOver })).toBe(said)
  })

  it.each([
    ['a product that answers every path with one page', {}, page('app')],
    ['a page to sign in', { '/': redirect('/login'), '/login': page('Sign in <input type="password">') }, missing],
    ['a set-up that is over', { '/': page('shop'), '/setup': redirect('/') }, missing],
    ['a set-up that refuses', { '/setup': { ...missing, status: 403 } }, missing],
  ])('are told from %s', async (_, answers: Readonly<Record<string, Answer>>, other) => {
    expect(await check(answers, { other })).toContain('ok: ')
  })
})

describe('a page that only looks like a set-up page', () => {
  const entries: readonly BlueprintEntry[] = [{ access: 'public' }, { handOver: { hook: { path: '/owner' } } }]
  const results = async (publicPages?: readonly string[]) => {
    const visit = async ({ path }: { path: string }) => {
      if (path === '/') return redirect('/onboarding?step=1')
      return path.startsWith('/onboarding') || path === '/setup' ? page('Sign in <input type="password">') : missing
    }
    const found = entries.map((entry) => ({ url, blueprint: { ...blueprint, ...entry, publicPages } }))
    return [await checkSetUpPages({ visit }, found[0]!), await checkHandedOver({ visit }, found[1]!)]
  }

  it('is proposed as public, and passes once the blueprint says so', async () => {
    for (const { verdict, change } of await results(['/setup'])) {
      expect(verdict).toBe('change')
      expect(change).toContain('`publicPages: [/setup, /onboarding]`')
    }
    const passed = await results(['/setup', '/onboarding'])
    expect(passed.map(({ verdict }) => verdict)).toEqual(['ok', 'ok'])
  })

  it('is never what says that the product is not set up', async () => {
    const visit = async ({ path }: { path: string }) => (path === '/status.php' ? page('{"installed":false}') : missing)
    const found = await checkSetUpPages(
      { visit },
      { url, blueprint: { ...blueprint, access: 'public', publicPages: ['/status.php'] } },
    )
    expect(found).toMatchObject({ verdict: 'change', change: expect.not.stringContaining('publicPages') })
  })

  it('is named by its path alone, which is not the start page', () => {
    for (const path of ['register', '/register?step=1', '/a b', '/']) {
      expect(() => parseBlueprint({ ...blueprint, publicPages: [path] }, 'test')).toThrow('must start with /')
    }
  })
})

describe('a site that lets strangers in', () => {
  const signIn = 'Sign in <input type="password">'
  const verdicts = async (answerTo: (path: string, as: string) => Answer) => {
    const visit = async ({ path, as }: { path: string; as: string }) => answerTo(path, as)
    const open: BlueprintEntry = { access: 'public' }
    const findings = [
      await checkSetUpPages({ visit }, { url, blueprint: { ...blueprint, ...open } }),
      await checkHandedOver({ visit }, { url, blueprint }),
    ]
    return findings.map(({ check, verdict }) => `${check}: ${verdict}`)
  }
  const each = (verdict: string) => [`strangers: ${verdict}`, `after the hand-over: ${verdict}`]

  it.each<[string, (path: string, as: string) => Answer, string]>([
    ['the page of the owner', () => page('an editor'), 'note'],
    ['the page of the owner with another token', () => page(`an editor ${performance.now()}`), 'note'],
    ['another page than the owner', (_, as) => page(`an editor for ${as}`), 'ok'],
    ['a page to sign in', () => page(signIn), 'ok'],
    ['a redirect to sign in', (path) => (path === '/' ? redirect('/login?next=/') : page('')), 'ok'],
    ['a refusal', () => ({ ...missing, status: 401 }), 'ok'],
    ['a set-up page', (path) => (path === '/setup' ? page('') : missing), 'change'],
  ])('shows them %s', async (_, answerTo, verdict) => {
    expect(await verdicts(answerTo)).toEqual(each(verdict))
  })

  it('is not compared before its hand-over, nor where it is for its owner alone', async () => {
    const handOver = { hook: { path: '/owner' } }
    for (const entry of [{ access: 'public', handOver }, { handOver }, { access: 'owner' }] as const) {
      expect(await check({}, { other: page('an editor'), ...entry })).toContain('ok: ')
    }
  })
})
