import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { offerSchema } from '../../lambdas/offers/offer.ts'
import { hostDirectories } from '../../lambdas/offers/offers.ts'
import { textsFor } from '../../sites/welcome/texts.ts'
import shipped from '../../sitewright.config.ts'
import { mayHaveTrial } from '../../web/api/open-offer.ts'
import { buildPages } from '../../web/build/build-pages.ts'
import { pageSettings } from '../../web/build/page-settings.ts'
import { onSale } from '../../web/owner/plan-words.ts'
import type { PageSettings } from '../../web/settings.ts'
import { answersIn, offerOfPage, pickVariant, variantCookie, variantIn, withVariant } from '../../web/sign-up/offer.ts'
import { catalogue as landingTexts } from '../../web/texts/catalogues/landing.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'

const [policy] = shipped.trialPolicies
const config = {
  ...shipped,
  trialPolicies: [...shipped.trialPolicies, { ...policy!, version: 2, name: 'long', trialDays: 30 }],
  offers: [
    offerSchema.parse({
      id: 'schools',
      paths: ['/schools'],
      hostnames: ['schools.example.org'],
      brand: {
        name: 'Schoolwright',
        logo: 'web/ui/icon.svg',
        colours: { light: '#0f766e', dark: '#5eead4' },
        texts: { en: { pitch: 'A site for your school' } },
        landing: {
          picture: 'docs/screens/sign-up.webp',
          pictureText: { en: 'A timetable' },
          socialPicture: 'https://schools.example.org/preview.png',
          questions: [{ question: { en: 'May pupils <b>use</b> it?' }, answer: { en: 'Yes.' } }],
        },
      },
      trialPolicy: 'long',
      languages: ['en'],
      questions: [
        { id: 'goal', kind: 'text', label: { en: 'Your goal' } },
        {
          id: 'role',
          kind: 'choice',
          label: { en: 'Your role' },
          options: ['teacher', 'head'].map((id) => ({ id, label: { en: `A ${id}` } })),
        },
      ],
      plans: ['growth', 'starter'],
      lastDay: '2026-01-31',
    }),
  ],
}
const settings = pageSettings({ config, sitesDomain: 'localhost', blueprints: [] })
let directory: string
const page = (path: string) => readFile(join(directory, path), 'utf8')

beforeAll(async () => {
  directory = await buildPages(settings)
})

describe('the pages of an offer', () => {
  it('have its brand, texts and links, below its path', async () => {
    const html = await page('schools/index.en.html')
    expect(html).toContain('<html lang="en" data-base="/schools">')
    expect(html).toContain('Schoolwright')
    expect(html).toContain('A site for your school')
    expect(html).toContain('href="/schools/"')
    expect(html).toContain('action="/v1/signups/form?language=en&amp;offer=schools"')
    expect(html).toMatch(/<img class="brand-logo" src="\/assets\/logo-[0-9A-F]{8}\.svg"/)
    const [, colours = ''] = /href="(\/assets\/colours-[^"]+)"/.exec(html) ?? []
    expect(await page(colours)).toContain('--accent:light-dark(#0f766e,#5eead4)')
    expect(html).toContain('"trialDays":30')
  })

  it('have its picture, plans and questions below the form, and tags for previews', async () => {
    const html = await page('schools/index.en.html')
    expect(html).toMatch(/src="\/assets\/picture-[0-9A-F]{8}\.webp" alt="A timetable"/)
    expect(html).toContain('May pupils &lt;b&gt;use&lt;/b&gt; it?')
    expect(html).not.toContain('Do I need a card?')
    expect(html.match(/<h3>(Trial|Growth|Starter|Enterprise)<\/h3>/g)).toEqual(
      ['Trial', 'Growth', 'Starter'].map((name) => `<h3>${name}</h3>`),
    )
    expect(html).toContain('€79 a month')
    expect(html).toContain('<meta property="og:image" content="https://schools.example.org/preview.png">')
    expect(html).toMatch(/name="description" content="[^"]*Schoolwright[^"]*30 days/)
    const own = await page('index.de.html')
    expect(own).toContain('Brauche ich eine Karte?')
    expect(own).toContain('Nach Vereinbarung')
    expect(await page('sites/index.en.html')).toContain('<meta name="robots" content="noindex">')
  })

  it('are refused with a file that is missing or too large', async () => {
    const [own] = settings
    const build = (file: string) => buildPages([{ ...own, landing: { ...own.landing, picture: file } }])
    await expect(build('docs/none.png')).rejects.toThrow(/docs\/none\.png', which an offer names, cannot be read/)
    await expect(build('node_modules/typescript/lib/_tsc.js')).rejects.toThrow(/at most 1000000 are allowed/)
  })

  it('take files from anywhere on the machine', async () => {
    await using elsewhere = await temporaryDirectory()
    const logo = join(elsewhere.path, 'logo.svg')
    await writeFile(logo, '<svg xmlns="http://www.w3.org/2000/svg"/>')
    const built = await buildPages([{ ...settings[0], logo }], [elsewhere.path])
    const [, path = ''] =
      /src="(\/assets\/logo-\w+\.svg)"/.exec(await readFile(join(built, 'index.en.html'), 'utf8')) ?? []
    expect(await readFile(join(built, path), 'utf8')).toBe('<svg xmlns="http://www.w3.org/2000/svg"/>')
  })

  it('have an icon for home screens, and prices that lead to the form', async () => {
    const html = await page('index.en.html')
    expect(html).toMatch(/<link rel="apple-touch-icon" href="\/assets\/touchIcon-\w+\.png">/)
    expect(html).toMatch(/<input[^>]* id="email"/)
    expect(html).toContain('<a href="#email">Start free</a>')
    // Every plan says whether its sites sleep, and what a year and taxes cost.
    expect(html).toMatch(/Sleeps between visits.*Always on.*3 test environments/s)
    expect(html).toMatch(/€190 a year: 2 months free.*with any tax, before you pay/s)
  })

  it('show in the drawing what the welcome site has as samples', () => {
    for (const [place, code] of ['en', 'de'].entries()) {
      const { t } = textsFor(code)
      const drawn = (['news', 'thanks', 'hours'] as const).map((name) => landingTexts[`sample.${name}`][place])
      expect(drawn).toEqual([t('sample1'), t('sample2'), t('sample3')])
    }
  })

  it('are in its own language also where another is wanted', async () => {
    expect(await page('schools/index.de.html')).toContain('<html lang="en"')
    expect(await page('schools/sites/index.de.html')).toContain('Your sites at Schoolwright')
  })

  it('ask its questions, also without script', async () => {
    const html = await page('schools/index.en.html')
    expect(html).toMatch(/Your goal \(optional\).*<input[^>]* name="answer\.goal"/)
    expect(html).toMatch(/Your role \(optional\).*<select[^>]*name="answer\.role".*<option value="head">A head</)
    expect(await page('index.en.html')).not.toContain('answer.')
  })

  it('send the answers that were given to its questions', () => {
    const form = new FormData()
    for (const [id, answer] of Object.entries({ goal: 'Learn', role: '', other: 'x' })) form.set(`answer.${id}`, answer)
    expect(answersIn(form, settings[1]!)).toEqual({ goal: 'Learn' })
  })

  it('are at the root of its hostname', async () => {
    expect(hostDirectories(config.offers)).toEqual({ 'schools.example.org': 'hosts/schools' })
    expect(await page('hosts/schools/index.en.html')).toContain('data-base=""')
  })

  it('leave the installation’s own as they were', async () => {
    const html = await page('index.en.html')
    expect(html).not.toMatch(/Schoolwright|colours-|offer=/)
    expect(html).toContain('"trialDays":14')
  })

  it.each([
    ['a failed build', {}, [{ status: 'failed', trialOf: null }], true],
    ['a site', {}, [{ status: 'active', trialOf: null }], false],
    ['a site of another offer', {}, [{ status: 'active', trialOf: 'clubs' }], false],
    ['that, with trials of its own', { trials: 'one-per-offer' }, [{ status: 'active', trialOf: 'clubs' }], true],
    ['a site that is no trial', { trials: 'one-per-offer' }, [{ status: 'active', trialOf: null }], true],
    ['a site of that offer', { trials: 'one-per-offer' }, [{ status: 'asleep', trialOf: 'default' }], false],
    [
      'that, once it has ended',
      { trials: 'one-per-offer', lastDay: '2026-01-31' },
      [{ status: 'active', trialOf: 'clubs' }],
      false,
    ],
  ] as const)('say whether an account may have a trial that has %s', (_, offered, sites, may) => {
    expect(mayHaveTrial(sites, { ...settings[0], ...offered })).toBe(may)
  })

  it('show the plans on sale in the order of the offer', () => {
    const plans = shipped.plans.map(({ sleepAfterMinutes: _, productLimits: __, environments: ___, ...plan }) => ({
      ...{ ...plan, features: [...plan.features], prices: [...plan.prices] },
    }))
    expect(onSale(plans, settings[1]!).map(({ id }) => id)).toEqual(['trial', 'enterprise', 'growth', 'starter'])
    expect(onSale(plans, settings[0])).toBe(plans)
    const spring = { ...settings[1]!, plans: ['growth'] }
    expect(onSale(plans, spring, ['starter']).map(({ id }) => id)).toEqual(['trial', 'starter', 'enterprise', 'growth'])
  })
})

describe('a variant', () => {
  const variants = [
    { name: 'long', weight: 3, texts: {}, trialDays: 30 },
    { name: 'short', weight: 1, texts: { en: { title: 'A week' } }, trialDays: 7 },
  ] as const
  const [long, short] = variants
  const offered: PageSettings = { ...settings[0], variants }

  it('is chosen by weight, and changes texts and trial', () => {
    expect(pickVariant(offered, '', 0.74)).toBe(long)
    expect(pickVariant(offered, '', 0.76)).toBe(short)
    expect(withVariant(offered, short)).toMatchObject({ trialDays: 7, texts: { en: { title: 'A week' } } })
  })

  it('sticks by a session cookie that holds its name and nothing else', () => {
    const cookie = variantCookie(short, { ...offered, base: '/schools' }, true)
    expect(cookie).toBe('variant=short; path=/schools/; samesite=lax; secure')
    expect(pickVariant(offered, `language=de; ${cookie}`, 0)).toBe(short)
    expect(variantIn(offered, cookie)).toBe(short)
  })

  it('is asked for with the offer of the page, which the installation’s own names as well', () => {
    expect(offerOfPage({ ...offered, offer: 'schools' }, 'variant=short')).toEqual({
      offer: 'schools',
      variant: 'short',
    })
    expect(offerOfPage(settings[0], 'variant=short')).toEqual({ offer: 'default' })
  })

  it('of another offer, or that is gone, is replaced', () => {
    expect(variantIn(offered, 'variant=gone')).toBeUndefined()
    expect(pickVariant(offered, 'variant=gone', 0)).toBe(long)
    expect(pickVariant(settings[0], '', 0)).toBeUndefined()
  })
})
