import { describe, expect, it } from 'vitest'
import { offerSchema } from '../../lambdas/offers/offer.ts'
import { createOffers } from '../../lambdas/offers/offers.ts'
import { pageAnswer } from '../../router/page.ts'
import { restartingPage } from '../../router/router-pages.ts'

const consoleUrl = 'https://try.example.com'
const offers = createOffers(
  [
    offerSchema.parse({
      id: 'schools',
      hostnames: ['schools.example.org'],
      brand: { name: 'School & Co', contact: 'help@schools.example', colours: { light: '#0f766e', dark: '#5eead4' } },
    }),
  ],
  consoleUrl,
)
const shown = (offer?: string) => {
  const answer = pageAnswer(
    { ...restartingPage, offer },
    { headers: { accept: 'text/html' } },
    { consoleUrl, offers, brand: 'Acme' },
  )
  return {
    html: answer.body.toString(),
    policy: String(answer.headers[answer.headers.indexOf('Content-Security-Policy') + 1]),
  }
}

describe('a page in place of a site', () => {
  it('names the brand of its offer, its contact and its console', () => {
    const { html } = shown('schools')
    expect(html).toContain('School &amp; Co')
    expect(html).toContain('mailto:help@schools.example')
    expect(html).toContain('href="https://schools.example.org"')
    expect(html).toContain('light-dark(#0f766e,#5eead4)')
  })

  it('allows the style of its own brand only', () => {
    expect(shown('schools').policy).toContain("style-src 'sha256-")
    expect(shown('schools').policy).not.toBe(shown().policy)
  })

  it('shows the mark of its offer, which its policy allows, and nothing else from elsewhere', () => {
    const { html, policy } = shown()
    expect(html).toContain(`<img src="${consoleUrl}/assets/mark-default.png" alt="" width="30" height="30">`)
    expect(policy).toContain(`img-src ${consoleUrl};`)
    // An offer without a picture for mails has its first letter.
    expect(shown('schools').html).toContain('<b aria-hidden="true">S</b>')
    expect(shown('schools').policy).not.toContain('img-src')
  })

  it('is the installation’s without an offer, and of one that is gone', () => {
    expect(shown().html).toContain(`href="${consoleUrl}"`)
    expect(shown('gone')).toEqual(shown())
  })
})
